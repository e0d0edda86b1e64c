// biome-ignore-all lint/style/noDefaultExport: what require() gives to a package
/**
 * node:events. A plain function, because packages call EventEmitter.call(this); listeners live in an own property that is
 * made at the first `on`, so a subclass that forgets the call works too.
 */
const has = Object.prototype.hasOwnProperty;
const owns = (object, key) => has.call(object, key);

function EventEmitter() {}

function listenersOf(emitter, event, make) {
  if (!owns(emitter, "_events")) {
    if (!make) return [];
    Object.defineProperty(emitter, "_events", { value: new Map(), writable: true, configurable: true });
  }
  const found = emitter._events.get(event);
  if (found !== undefined) return found;
  const list = [];
  if (make) emitter._events.set(event, list);
  return list;
}

/** As Node: told before the listener is there. */
function announce(emitter, event, listener) {
  if (listenersOf(emitter, "newListener", false).length > 0) emitter.emit("newListener", event, listener);
}

const methods = {
  on(event, listener) {
    announce(this, event, listener);
    listenersOf(this, event, true).push({ listener, once: false });
    return this;
  },
  once(event, listener) {
    announce(this, event, listener);
    listenersOf(this, event, true).push({ listener, once: true });
    return this;
  },
  prependListener(event, listener) {
    announce(this, event, listener);
    listenersOf(this, event, true).unshift({ listener, once: false });
    return this;
  },
  off(event, listener) {
    const list = listenersOf(this, event, false);
    const index = list.map((entry) => entry.listener).lastIndexOf(listener);
    if (index >= 0) list.splice(index, 1);
    return this;
  },
  removeAllListeners(event) {
    if (!owns(this, "_events")) return this;
    if (event === undefined) this._events.clear();
    else this._events.delete(event);
    return this;
  },
  emit(event, ...args) {
    const list = listenersOf(this, event, false).slice();
    if (list.length === 0 && event === "error")
      throw args[0] instanceof Error ? args[0] : new Error(String(args[0]));
    for (const entry of list) {
      if (entry.once) this.off(event, entry.listener);
      entry.listener.apply(this, args);
    }
    return list.length > 0;
  },
  listeners(event) {
    return listenersOf(this, event, false).map((entry) => entry.listener);
  },
  listenerCount(event) {
    return listenersOf(this, event, false).length;
  },
  eventNames() {
    return owns(this, "_events") ? [...this._events.keys()] : [];
  },
  setMaxListeners() {
    return this;
  },
};
methods.addListener = methods.on;
methods.removeListener = methods.off;

for (const [name, value] of Object.entries(methods)) {
  Object.defineProperty(EventEmitter.prototype, name, { value, writable: true, configurable: true });
}
EventEmitter.EventEmitter = EventEmitter;

export { EventEmitter };
export default EventEmitter;
