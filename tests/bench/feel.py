#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""feel.py EXPLORER PROJECT [REPEATS]: how the real window feels, under Xvfb with software rendering; prints medians. From the
start of the program to a window on the screen, to the list's first pictures there, to the grid's; from a key to the next
concept's grid; and the peak of memory. Needs what the tests of the window need. It never fails on a figure."""
import os
import statistics
import subprocess
import sys
import tempfile
import time

from PIL import ImageChops, ImageGrab

program, project = sys.argv[1:3]
repeats = int(sys.argv[3]) if len(sys.argv) > 3 else 5
WIDTH, HEIGHT = 1440, 900
LIST, GRID = (0, 150, 380, 800), (410, 150, 1130, 800)


def grab(box):
    return ImageGrab.grab(bbox=box, xdisplay=os.environ["DISPLAY"])


def n_colours(box):
    colours = grab(box).getcolors(1 << 20)
    return len(colours) if colours else 1 << 20


def wait(process, condition, seconds=60):
    start = time.monotonic()
    while not condition():
        if process.poll() is not None:
            sys.exit(f"{program} ended by itself, with {process.returncode}")
        if time.monotonic() - start > seconds:
            return float("nan")
        time.sleep(0.005)
    return time.monotonic()


def one(home):
    os.environ.update(HOME=home, XDG_CONFIG_HOME=home, XDG_CACHE_HOME=home, GSK_RENDERER="cairo", GTK_A11Y="none")
    start = time.monotonic()
    process = subprocess.Popen([program, project])
    shown = wait(process, lambda: n_colours((0, 0, WIDTH, 60)) > 8)
    listed = wait(process, lambda: n_colours(LIST) > 2000)
    drawn = wait(process, lambda: n_colours(GRID) > 2000)
    time.sleep(2)
    steps = []
    for _ in range(8):
        before = grab(GRID)
        subprocess.run(["xdotool", "key", "Down"], check=True)
        pressed = time.monotonic()
        changed = wait(process, lambda: ImageChops.difference(grab(GRID), before).getbbox() is not None, 5)
        steps.append(changed - pressed)
        time.sleep(0.5)
    with open(f"/proc/{process.pid}/status") as status:
        peak = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    process.kill()
    process.wait()
    return shown - start, listed - start, drawn - start, statistics.median(steps), peak


# Without -noreset the server starts anew whenever nobody is connected, as between two pictures, and drops who comes then.
if "FEEL_INSIDE" not in os.environ:
    os.environ["FEEL_INSIDE"] = "1"
    sys.exit(subprocess.call(["dbus-run-session", "--", "xvfb-run", "-a", "-s", f"-screen 0 {WIDTH}x{HEIGHT}x24 -noreset",
                              sys.executable, *sys.argv]))
with tempfile.TemporaryDirectory() as home:
    rows = [one(home) for _ in range(repeats)]
names = ("window s", "list s", "grid s", "key to grid s", "peak MB")
print("  ".join(f"{name} {statistics.median(column):.3g}" for name, column in zip(names, zip(*rows))))
