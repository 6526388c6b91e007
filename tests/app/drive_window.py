# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives the real window with real key events: create a project from a folder, label a latent, undo,
close, reopen. What the project file holds is read with SQLite, not asked of the program."""
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

from PIL import Image, ImageDraw

PROGRAM = sys.argv[1]
N_IMAGES = 24


def make_images(folder):
    for i in range(N_IMAGES):
        kind = ("dark", "light")[i % 2]
        os.makedirs(os.path.join(folder, kind), exist_ok=True)
        picture = Image.new("RGB", (96, 96), (240, 205 + i % 9, 200))
        radius = 14 + i * 7 % 19
        x, y = 36 + i * 5 % 25, 36 + i * 11 % 25
        ImageDraw.Draw(picture).ellipse(
            (x - radius, y - radius, x + radius, y + radius), fill=(90 + 90 * (i % 2), 60, 140))
        picture.save(os.path.join(folder, kind, f"cell{i:03}.png"))


def wait(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("waited in vain: " + what)
        time.sleep(0.1)


def query(path, sql):
    if not os.path.exists(path):
        return None
    try:
        with sqlite3.connect("file:" + path + "?mode=ro", uri=True, timeout=5) as db:
            return db.execute(sql).fetchall()
    except sqlite3.OperationalError:
        return None


class Program:
    def __init__(self, *args):
        self.process = subprocess.Popen([PROGRAM, *args], stderr=subprocess.PIPE, text=True)
        wait(self.windows, "a window", 30)
        self.focus()

    def windows(self):
        result = subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid)],
                                capture_output=True, text=True)
        return result.stdout.split()

    def focus(self):
        """There is no window manager here that would do it."""
        subprocess.run(["xdotool", "windowfocus", "--sync", self.windows()[-1]], check=True)
        time.sleep(0.4)

    def key(self, *keys):
        for key in keys:
            subprocess.run(["xdotool", "key", key], check=True)
            time.sleep(0.25)

    def type(self, text):
        subprocess.run(["xdotool", "type", "--delay", "25", text], check=True)

    def close(self):
        self.focus()
        self.key("ctrl+w")
        self.process.wait(20)
        errors = [line for line in self.process.stderr.read().splitlines() if "-CRITICAL" in line]
        assert self.process.returncode == 0, self.process.returncode
        assert not errors, errors

    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


def labels(project):
    return query(project, "SELECT latent, name, status, rater FROM concept ORDER BY edited_at")


def main():
    home = tempfile.mkdtemp(prefix="cytosae-window-")
    os.environ.update(HOME=home, XDG_CONFIG_HOME=home + "/config", XDG_CACHE_HOME=home + "/cache",
                      GSK_RENDERER="cairo", GTK_A11Y="none")
    images, project = home + "/cells", home + "/cells.cytosae"
    make_images(images)
    program = None
    n = 0

    def ok(text):
        nonlocal n
        n += 1
        print(f"ok {n} - {text}", flush=True)

    try:
        program = Program(images)
        wait(lambda: len(program.windows()) > 1, "the dialog")
        time.sleep(1)
        program.focus()
        program.key("Return")
        rows = wait(lambda: query(project, "SELECT n_cells FROM dataset WHERE n_indexed = n_cells"), "the index")
        assert rows == [(N_IMAGES,)], rows
        ok("a folder becomes a project through the dialog")

        time.sleep(1.5)
        program.focus()
        program.key("Down", "Down", "n")
        program.type("Coarse granules")
        time.sleep(1.5)
        assert len(program.windows()) == 1, "a question between two letters"
        rows = wait(lambda: labels(project), "the label")
        latent = rows[0][0]
        assert rows == [(latent, "Coarse granules", "proposed", "")], rows
        # The question stands below, keeps nothing waiting and takes no key that is not meant for it.
        program.key("Return", "3", "n", "End")
        program.type(" at the rim")
        program.key("Return")
        wait(lambda: labels(project)[0][1:3] == ("Coarse granules at the rim", "confirmed"), "the keys that went on")
        program.key("alt+y", "ctrl+a")
        program.type("Dr. Rater")
        program.key("Return")
        wait(lambda: labels(project) == [(latent, "Coarse granules at the rim", "confirmed", "Dr. Rater")], "the signature")
        ok("a name typed is a name in the file, signed by the rater, who is asked once and goes on meanwhile")

        program.key("4")
        wait(lambda: labels(project)[0][2] == "rejected", "the status")
        ok("a number sets the status")

        program.key("Down", "n")
        program.type("Pale nucleus")
        wait(lambda: len(labels(project)) == 2, "the second label, without Enter")
        ok("a name is saved without Enter, a moment after the last key")

        program.key("Return", "ctrl+z")
        wait(lambda: labels(project)[-1][1] == "", "the undo")
        program.key("ctrl+z")
        wait(lambda: [row for row in labels(project) if row[0] == latent][0][2] == "confirmed", "the second undo")
        program.key("ctrl+shift+z")
        wait(lambda: [row for row in labels(project) if row[0] == latent][0][2] == "rejected", "the redo")
        ok("undo and redo go across latents")

        program.key("slash")
        program.type("coarse")
        time.sleep(0.5)
        program.key("Return", "n")
        program.key("ctrl+a")
        program.type("Very coarse granules")
        program.close()
        assert [row for row in labels(project) if row[0] == latent][0][1] == "Very coarse granules", labels(project)
        ok("closing at once after typing loses nothing")

        program = Program(project)
        time.sleep(2)
        program.focus()
        program.key("Down", "Down", "Down", "n")
        program.type("ver")
        time.sleep(0.7)
        program.key("Down", "Return", "2")
        wait(lambda: [row[1] for row in labels(project)].count("Very coarse granules") == 2, "the completed name")
        program.key("n", "alt+t")
        program.type("blast;granules;")
        wait(lambda: ("blast;granules",) in query(project, "SELECT tags FROM concept"), "the tags")
        program.key("BackSpace", "shift+Tab", "Delete")
        wait(lambda: ("blast;granules",) not in query(project, "SELECT tags FROM concept")
             and query(project, "SELECT count(*) FROM concept_change WHERE field = 'tags'")[0][0] >= 4, "tags removed")
        program.key("Escape", "ctrl+z", "ctrl+z", "ctrl+z", "ctrl+z", "ctrl+z")
        wait(lambda: [row[1] for row in labels(project)].count("Very coarse granules") == 1, "the undo")
        program.close()
        ok("a name is completed, tags come and go by the keyboard")

        shutil.rmtree(images)
        program = Program(project)
        time.sleep(2)
        program.focus()
        program.key("Down", "space", "bracketleft", "2")
        wait(lambda: any(row[2] == "proposed" for row in labels(project)), "a status without images")
        ok("the project opens and can be labelled without its images")

        # Past "show silent", two arrows, the cells, and six controls of the overlay; not through the rows.
        program.key("space", "Down", *["Tab"] * 11)
        program.type("12 n u")
        program.key("Escape", "5")
        wait(lambda: any(row[1:3] == ("12 n u", "artefact") for row in labels(project)), "the label by Tab")
        program.key("Down", "Down", "Down", "ctrl+z")
        wait(lambda: not any(row[1:3] == ("12 n u", "artefact") for row in labels(project)), "the undo of the status")
        program.key("Down", "Up", "5")
        wait(lambda: any(row[1:3] == ("12 n u", "artefact") for row in labels(project)), "the arrows after undo")
        program.close()
        ok("Tab leaves list and cells, keys without modifiers are text in the name, Escape goes back")
        history = query(project, "SELECT count(*) FROM concept_change")[0][0]
        assert history >= 7, history
        ok("every change is in the history")
        print(f"1..{n}")
    except BaseException as error:
        subprocess.run(["import", "-window", "root", os.environ["CYT_BUILD_DIR"] + "/window-failed.png"], check=False)
        print(f"not ok {n + 1} - {error!r}\n1..{n + 1}", flush=True)
        return 1
    finally:
        if program is not None:
            program.kill()
        shutil.rmtree(home, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
