/** A store in a folder of its own, written and read on Node. */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sample } from "../../sampler/sample.ts";
import { type NodeFileHost, nodeFileHost } from "../../system/node/node_file_host.ts";
import { nodeSystem } from "../../system/node/node_system.ts";
import type { System } from "../../system/system.ts";
import { type HistoryEvent, type Lost, readHistory } from "../reader.ts";
import { type HistoryOptions, type HistoryWriter, openWriter } from "../writer.ts";

export interface TestStore {
  readonly directory: string;
  readonly system: System;
  readonly host: NodeFileHost;
  readonly open: (options?: Partial<HistoryOptions>) => HistoryWriter;
  readonly read: (groups?: readonly string[]) => { samples: Sample[]; events: HistoryEvent[]; lost: Lost };
  readonly files: () => string[];
  readonly sizeOf: (name: string) => number;
  readonly remove: () => void;
}

export function testStore(): TestStore {
  const directory = mkdtempSync(join(tmpdir(), "procg-history-"));
  const system = nodeSystem();
  const host = nodeFileHost();
  return {
    directory,
    system,
    host,
    open(options = {}) {
      const writer = openWriter(system, host, { directory, minFreeBytes: 0, ...options });
      if (typeof writer === "string") throw new Error(writer);
      return writer;
    },
    read(groups) {
      const samples: Sample[] = [];
      const events: HistoryEvent[] = [];
      const options = {
        fromMs: Number.MIN_SAFE_INTEGER,
        toMs: Number.MAX_SAFE_INTEGER,
        groups: groups === undefined ? null : new Set(groups),
      };
      const lost = readHistory(system, host, directory, options, {
        sample: (sample) => void samples.push(sample),
        event: (event) => void events.push(event),
      });
      if (lost === null) throw new Error("no store");
      return { samples, events, lost };
    },
    files: () =>
      readdirSync(directory)
        .filter((name) => name !== "lock")
        .sort(),
    sizeOf: (name) => statSync(join(directory, name)).size,
    remove() {
      host.end();
      rmSync(directory, { recursive: true });
    },
  };
}
