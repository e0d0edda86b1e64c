/** System call filters to start containers with: Docker's own, none, and what an older Docker leaves of a newer kernel. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CACHE } from "./docker.ts";

/** Calls newer than an old Docker's list. It has never heard of them, and forbids what it does not know. */
const NEWER = [
  "statx",
  "clone3",
  "openat2",
  "close_range",
  "pidfd_open",
  "pidfd_getfd",
  "pidfd_send_signal",
  "faccessat2",
  "epoll_pwait2",
  "copy_file_range",
  "preadv2",
  "memfd_create",
  "getrandom",
  "rseq",
  "membarrier",
  "io_uring_setup",
  "io_uring_enter",
  "io_uring_register",
];

/** Numbers of errno that such a filter answers: EPERM until Docker 20.10 and runc 1.0.0-rc93, ENOSYS since. */
const ANSWERS = { EPERM: 1, ENOSYS: 38 } as const;

/** Docker's flag for a filter that lets all other calls through. */
export function withoutNewCalls(answer: keyof typeof ANSWERS): string {
  const path = join(CACHE, `seccomp-${answer}.json`);
  const refused = { names: NEWER, action: "SCMP_ACT_ERRNO", errnoRet: ANSWERS[answer] };
  writeFileSync(path, JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls: [refused] }));
  return `--security-opt=seccomp=${path}`;
}
