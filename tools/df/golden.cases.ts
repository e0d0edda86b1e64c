/** Command lines whose output is kept for the captures that hold statvfs results. */
export const goldenCases: readonly { readonly args: readonly string[]; readonly needs: readonly string[] }[] =
  [
    { args: [], needs: ["statvfs"] },
    { args: ["-h"], needs: ["statvfs"] },
    { args: ["-a", "-T"], needs: ["statvfs"] },
    { args: ["-i"], needs: ["statvfs"] },
    { args: ["-l", "--total"], needs: ["statvfs"] },
    { args: ["-P", "/", "/dev/shm"], needs: ["statvfs"] },
    { args: ["--output", "/var/log/x", "/etc/hosts"], needs: ["statvfs"] },
    { args: ["-t", "tmpfs", "-BM"], needs: ["statvfs"] },
    { args: ["--json"], needs: ["statvfs"] },
    { args: ["--explain"], needs: ["statvfs"] },
    { args: ["--host"], needs: ["statvfs"] },
  ];
