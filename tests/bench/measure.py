"""Measures one query in a process of its own: wall, cpu, and the peak of memory beyond what was there before."""

import gc
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc


def mapped(file):
    """The Arrow table in `file`, memory-mapped, with every page already read."""
    table = pa.ipc.open_file(pa.memory_map(str(file))).read_all()
    for column in table.columns:
        for chunk in column.chunks:
            for buffer in chunk.buffers():
                if buffer is not None and buffer.size:
                    np.frombuffer(buffer, np.uint8)[::4096].sum()
    return table


def measured(query, runs):
    """The last result and its figures. The first run is not timed: it tells the peak of memory."""
    gc.collect()
    before = memory("VmRSS")
    forget_peak()
    result = query()
    peak = memory("VmHWM") - before
    walls, cpus = [], []
    for _ in range(runs):
        result = None
        gc.collect()
        cpu, wall = cpu_seconds(), time.perf_counter()
        result = query()
        walls.append(time.perf_counter() - wall)
        cpus.append(cpu_seconds() - cpu)
    figures = {
        "wall": statistics.median(walls),
        "cpu": statistics.median(cpus),
        "best_wall": min(walls),
        "best_cpu": min(cpus),
        "peak_mb": peak / 1e6,
    }
    return result, figures


def best(call, runs):
    """The least cpu seconds of several runs in this process, and the last result."""
    times, result = [], None
    for _ in range(runs):
        result = None
        gc.collect()
        began = time.process_time()
        result = call()
        times.append(time.process_time() - began)
    return min(times), result


def show(what, ours, peers):
    """Seconds of wayfare and of each peer, and how many times as long it took."""
    print(f"\n{what}\n  {'wayfare':24}{ours:10.4f} s")
    for name, seconds in sorted(peers.items(), key=lambda peer: peer[1]):
        print(f"  {name:24}{seconds:10.4f} s  {seconds / ours:8.1f}x")


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def memory(field):
    """`VmRSS` or `VmHWM` of this process, in bytes; 0 where there is no /proc."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    line = next(line for line in status.read_text().splitlines() if line.startswith(field + ":"))
    return int(line.split()[1]) * 1024


def forget_peak():
    peak = Path("/proc/self/clear_refs")
    if peak.exists():
        peak.write_text("5")


def in_own_process(script, *arguments):
    """Runs `script --worker ARGUMENTS...` in a fresh process and reads the JSON it ends with."""
    command = [sys.executable, str(script), "--worker", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"a worker failed: {' '.join(map(str, arguments))}")
    return json.loads(done.stdout.splitlines()[-1])
