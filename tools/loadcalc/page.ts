/**
 * The live page at /: asks /v1/metrics.json every five seconds and draws moving lines. Nothing comes from elsewhere. Texts from the container go
 * in by textContent only.
 */
export const pageText = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>procg</title><style>
:root{color-scheme:light dark;--line:#2a6fdb;--second:#d9822b;--third:#7a8;--grid:#8884}
body{font:14px/1.4 system-ui,sans-serif;margin:1rem auto;max-width:72rem;padding:0 1rem}
h1{font-size:1.2rem;margin:0}p{margin:.2rem 0;opacity:.75}
main{display:grid;grid-template-columns:repeat(auto-fit,minmax(19rem,1fr));gap:1rem;margin-top:1rem}
section{border:1px solid var(--grid);border-radius:6px;padding:.6rem .8rem}
h2{font-size:.95rem;margin:0}output{font-size:1.25rem;font-variant-numeric:tabular-nums}
small{display:block;opacity:.75;min-height:1.4em}svg{width:100%;height:6rem;display:block}
polyline{fill:none;stroke-width:1.5;vector-effect:non-scaling-stroke}
.a{stroke:var(--line)}.b{stroke:var(--second)}.c{stroke:var(--third)}#state.bad{color:#c33;opacity:1}
</style></head><body>
<header><h1 id="name">container</h1><p id="about"></p><p id="state">waiting for the first sample</p></header>
<main></main>
<script>"use strict";
const POINTS=180,charts={};
const SVG="http://www.w3.org/2000/svg";
function chart(id,title,lines){
 const s=document.createElement("section"),h=document.createElement("h2"),o=document.createElement("output"),m=document.createElement("small"),g=document.createElementNS(SVG,"svg");
 s.id=id;h.textContent=title;o.textContent="-";g.setAttribute("viewBox","0 0 "+(POINTS-1)+" 100");g.setAttribute("preserveAspectRatio","none");g.setAttribute("role","img");g.setAttribute("aria-label",title);
 const p=lines.map(c=>{const l=document.createElementNS(SVG,"polyline");l.setAttribute("class",c);g.append(l);return l});
 s.append(h,o,m,g);document.querySelector("main").append(s);charts[id]={o,m,p,v:lines.map(()=>[])};
}
chart("cpu","CPU, of capacity",["a","b"]);chart("memory","Memory, of the limit",["a","b"]);
chart("load","Load average: 1, 5, 15 minutes",["a","b","c"]);chart("psi","Pressure: CPU, memory, IO",["a","b","c"]);
chart("throttling","Throttled periods",["a"]);
function put(id,text,note,values,top){
 const c=charts[id];c.o.textContent=text;c.m.textContent=note;
 values.forEach((v,i)=>{c.v[i].push(v);if(c.v[i].length>POINTS)c.v[i].shift()});
 const most=top||Math.max(1e-9,...c.v.flat().filter(v=>v!==null))*1.1;
 c.v.forEach((l,i)=>c.p[i].setAttribute("points",l.map((v,k)=>v===null?"":(POINTS-l.length+k)+","+(100-Math.min(1,v/most)*98).toFixed(1)).join(" ")));
}
const known=v=>v===null||v===undefined?null:v;
const percent=v=>v===null?"-":(v*100).toFixed(1)+" %";
function bytes(v){if(v===null)return"-";if(v==="max")return"no limit";let u=0;while(v>=1024&&u<5){v/=1024;u++}return v.toFixed(u?1:0)+" "+["B","KiB","MiB","GiB","TiB","PiB"][u]}
let last=null;
function show(d){
 const c=d.container,cpu=d.cpu,m=d.memory,l=d.load,p=d.psi;
 document.getElementById("name").textContent=c.name||c.hostname||"container";
 document.title=(c.name||c.hostname||"container")+" - procg";
 document.getElementById("about").textContent=[c.image,c.runtime,c.cgroupVersion?"cgroup v"+c.cgroupVersion:null,c.startedAt?"since "+c.startedAt:null].filter(Boolean).join(", ");
 const t=cpu.throttling,dt=last?(d.monotonicMs-last.monotonicMs)/1000:0;
 const throttledRatio=known(t.throttledRatio);
 const throttledPerSec=last&&dt>0&&t.throttledUs!==null&&last.cpu.throttling.throttledUs!==null?(t.throttledUs-last.cpu.throttling.throttledUs)/1e6/dt:null;
 put("cpu",percent(known(cpu.usageRatioOfLimit)),(cpu.usageRatio===null?"-":cpu.usageRatio.toFixed(2))+" of "+(cpu.capacityCores===null?"?":+cpu.capacityCores.toFixed(2))+" cores; in orange: throttled periods",[known(cpu.usageRatioOfLimit),throttledRatio],1);
 const top=m.totalBytes;
 put("memory",percent(m.workingSetBytes!==null&&top?m.workingSetBytes/top:m.usedBytes!==null&&top?m.usedBytes/top:null),"working set "+bytes(m.workingSetBytes)+", with page cache (orange) "+bytes(m.usageBytes)+", limit "+bytes(m.limitBytes),[known(m.workingSetBytes===null?m.usedBytes:m.workingSetBytes),known(m.usageBytes)],top||0);
 if(l)put("load",[l.load1,l.load5,l.load15].map(v=>v.toFixed(2)).join(" "),l.runnable+" runnable, "+l.uninterruptible+" in uninterruptible sleep, "+l.threads+" threads"+(l.warmingUp?"; warming up":""),[l.load1,l.load5,l.load15],0);
 if(p){const line=s=>s?s.avg10/100:null,v=[line(p.cpu.some),line(p.memory.some),line(p.io.some)];put("psi",v.map(percent).join("  "),"some task waited, 10 s averages"+(p.source==="host"?" (the host's)":""),v,0)}
 else put("psi","-","the kernel has no figures for this container",[null,null,null],1);
 put("throttling",percent(throttledRatio),throttledPerSec===null?"":throttledPerSec.toFixed(2)+" s of threads' time per second",[throttledRatio],1);
 last=d;
}
async function turn(){
 const state=document.getElementById("state");
 try{
  const r=await fetch("/v1/metrics.json",{cache:"no-store"});
  if(!r.ok)throw new Error(r.status+" "+r.statusText);
  const d=await r.json();
  if(!last||last.seq!==d.seq)show(d);
  state.textContent=d.stale?"the sample is stale":"sample "+d.seq+" of "+d.generatedAt;state.className=d.stale?"bad":"";
 }catch(e){state.textContent="no answer: "+e.message;state.className="bad"}
 document.body.dataset.turns=String(1+Number(document.body.dataset.turns||0));
}
turn();setInterval(turn,5000);
</script></body></html>
`;
