# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives the real window with real key events: merge a file of labels, undo that, pack the project, open the pack
where no image is, label there, and locate the images."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

from drive_window import Program, make_images, query, wait

CLI = sys.argv[2]
MODELS = os.path.join(os.environ["CYT_SOURCE_DIR"], "data/models/pbc-tiny")


def names(project):
    return dict(query(project, "SELECT latent, name FROM concept WHERE name <> ''") or [])


def open_entry(program, entry):
    """The menu's entry by its mnemonic, until its dialog shows: what is not loaded yet has no entries."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        program.focus()
        n = len(program.windows())
        program.key("F10")
        time.sleep(0.7)
        program.key(entry)
        for _ in range(30):
            if len(program.windows()) > n:
                time.sleep(1)
                return
            time.sleep(0.1)
        program.key("Escape")
        time.sleep(0.5)
    raise AssertionError("waited in vain: the dialog of " + entry)


def choose(program, entry, path):
    """The menu's entry, then the path typed into the file chooser."""
    open_entry(program, entry)
    program.focus()
    program.key("ctrl+l")
    time.sleep(0.5)
    program.type(path)
    time.sleep(1)
    program.key("Return")


def run(home, ok):
    images, project, pack = home + "/cells", home + "/p.cytosae", home + "/p-packed.cytosae"
    labels = home + "/anna.csv"
    make_images(images)
    subprocess.run([CLI, "index", project, "--encoder", MODELS + "/encoder.safetensors", "--sae", MODELS + "/sae",
                    "--images", images, "--dataset", "cells"], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    subprocess.run([CLI, "label", project, "3", "--name", "mine", "--rater", "Me"], check=True,
                   stdout=subprocess.DEVNULL)
    with open(labels, "w", encoding="utf-8") as file:
        file.write("latent,name,rater\n3,hers,Anna\n4,rim,Anna\n5,granules,Anna\n")

    program = Program(project)
    try:
        time.sleep(2)
        choose(program, "m", labels)
        time.sleep(2)
        program.focus()
        program.key("alt+h")
        wait(lambda: names(project) == {3: "mine", 4: "rim", 5: "granules"}, "the merged labels")
        raters = query(project, "SELECT DISTINCT rater FROM concept WHERE latent IN (4, 5)")
        assert raters == [("Anna",)], raters
        ok("what a file adds is taken, what contradicts the project is not")
        time.sleep(1)
        program.focus()
        program.key("ctrl+z")
        wait(lambda: names(project) == {3: "mine"}, "the undo")
        program.key("ctrl+shift+z")
        wait(lambda: len(names(project)) == 3, "the redo")
        ok("a merge is one step of undo")

        open_entry(program, "p")
        time.sleep(1)
        program.focus()
        program.key("Return")
        wait(lambda: os.path.exists(pack), "the pack")
        time.sleep(1)
        with open(pack, "rb") as file:
            assert home.encode() not in file.read(), "a path is in the pack"
        ok("the pack holds no path")
        program.close()

        os.rename(images, home + "/elsewhere")
        program = Program(pack)
        time.sleep(2)
        program.key("Down", "n")
        program.type("seen in the pack")
        program.key("Return")
        wait(lambda: "seen in the pack" in names(pack).values(), "the label in the pack")
        ok("the pack is labelled where no image is")
        choose(program, "l", home + "/elsewhere")
        wait(lambda: query(pack, "SELECT root FROM dataset") == [(home + "/elsewhere",)], "the new folder")
        ok("its images are located")
        time.sleep(1)
        program.close()
    except BaseException:
        program.kill()
        print(program.process.stderr.read(), file=sys.stderr)
        subprocess.run(["import", "-window", "root", os.environ["CYT_BUILD_DIR"] + "/share-failed.png"], check=False)
        raise
    finally:
        program.kill()


def main():
    home = tempfile.mkdtemp(prefix="cytosae-share-")
    os.environ.update(HOME=home, XDG_CONFIG_HOME=home + "/config", XDG_CACHE_HOME=home + "/cache",
                      GSK_RENDERER="cairo", GTK_A11Y="none")
    n = 0

    def ok(text):
        nonlocal n
        n += 1
        print(f"ok {n} - {text}", flush=True)

    try:
        run(home, ok)
        print(f"1..{n}")
    except BaseException as error:
        print(f"not ok {n + 1} - {error!r}\n1..{n + 1}", flush=True)
        return 1
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
