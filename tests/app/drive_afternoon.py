# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives the real window through an expert's afternoon with real key and pointer events, from a folder of images to the
pack on another desk: create, browse, overlay, inspect, label, undo, bulk, merge, pack, reopen elsewhere. What shows is
read from the screen, what is kept from the project file, with SQLite and with the command line."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

from PIL import ImageChops, ImageGrab

from drive_share import CLI, choose, open_entry
from drive_window import N_IMAGES, Program, make_images, query, wait

LIST, GRID = (0, 200, 370, 700), (420, 190, 1110, 700) # of a window of 1440 × 900
ROW, CELL, AWAY = (180, 420), (600, 260), (1439, 899)


def grab(box):
    return ImageGrab.grab(bbox=box, xdisplay=os.environ["DISPLAY"]).convert("RGB")


def still(box):
    """The picture when it has stopped changing."""
    picture = grab(box)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        time.sleep(0.4)
        picture, before = grab(box), picture
        if ImageChops.difference(picture, before).getbbox() is None:
            return picture
    raise AssertionError("the window does not come to rest")


def share_changed(one, other):
    bands = ImageChops.difference(one, other).split()
    most = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    return 1 - sum(most.histogram()[:25]) / (most.width * most.height)


def point(place, clicks):
    subprocess.run(["xdotool", "mousemove", *map(str, place), "click", "--repeat", str(clicks), "--delay", "80", "1"],
                   check=True)
    time.sleep(0.3)
    subprocess.run(["xdotool", "mousemove", *map(str, AWAY)], check=True)


def hold(key, down):
    subprocess.run(["xdotool", "keydown" if down else "keyup", key], check=True)


def concepts(project, where="1"):
    return query(project, f"SELECT latent, name, category, status, rater FROM concept WHERE {where} ORDER BY latent") or []


def export(project, path):
    """The labels that the command line tells of."""
    subprocess.run([CLI, "labels", "export", project, path], check=True, stdout=subprocess.DEVNULL)
    with open(path, encoding="utf-8") as file:
        return file.read()


def create(ok, images, project, programs):
    program = Program(images)
    programs.append(program)
    wait(lambda: len(program.windows()) > 1, "the dialog")
    time.sleep(0.5)
    program.focus()
    program.key("Return")
    wait(lambda: query(project, "SELECT n_cells FROM dataset WHERE n_indexed = n_cells") == [(N_IMAGES,)], "the index")
    wait(lambda: len(program.windows()) == 1, "the end of the dialog")
    program.focus()
    ok("create: a folder becomes a project")
    return program


def look(ok, program):
    program.key("Down", "Home")
    first, rows = still(GRID), still(LIST)
    point(ROW, 1)
    second = still(GRID)
    assert share_changed(first, second) > 0.02, share_changed(first, second)
    assert share_changed(rows, still(LIST)) > 0.001
    program.key("Up", "Down")
    assert share_changed(second, still(GRID)) < 0.001
    ok("browse: a click on a row and the arrows lead from concept to concept")

    program.key("space")
    without = still(GRID)
    program.key("space")
    outline = still(GRID)
    pictures = [without, outline, second]
    assert max(share_changed(without, outline), share_changed(without, second)) > 0.005
    hold("h", True)
    hidden = still(GRID)
    hold("h", False)
    back = still(GRID)
    assert share_changed(back, outline) < 0.001, share_changed(back, outline)
    assert max(share_changed(hidden, picture) for picture in pictures) > 0.005
    assert min(share_changed(hidden, picture) for picture in pictures) < 0.001
    ok("overlay: Space goes through the overlays, a held H hides them")

    point(CELL, 2)
    inside = still(GRID)
    assert share_changed(back, inside) > 0.1, share_changed(back, inside)
    program.key("Escape")
    assert share_changed(back, still(GRID)) < 0.01
    ok("inspect: a double click shows one cell, Escape comes back to the same cells")


def label(ok, program, project):
    program.key("n")
    program.type("Coarse granules")
    program.key("Return")
    wait(lambda: concepts(project, "name = 'Coarse granules'"), "the name")
    program.key("alt+y", "ctrl+a")
    program.type("Dr. Rater")
    program.key("Return")
    wait(lambda: concepts(project, "rater = 'Dr. Rater'"), "the rater")
    latent = concepts(project)[0][0]
    program.key("3")
    wait(lambda: concepts(project) == [(latent, "Coarse granules", "", "confirmed", "Dr. Rater")], "the status")
    ok("label: a name and a status, signed by the rater")
    program.key("ctrl+z")
    wait(lambda: concepts(project)[0][3] == "proposed", "the undo")
    program.key("ctrl+shift+z")
    wait(lambda: concepts(project)[0][3] == "confirmed", "the redo")
    ok("undo: the status goes and comes back")
    return latent


def bulk(ok, program, project):
    program.key("slash")
    program.type("light")
    time.sleep(0.7)
    program.key("Return", "ctrl+a", "l")
    wait(lambda: len(program.windows()) > 1, "the dialog")
    program.focus()
    program.key("alt+a")
    program.type("Granule type")
    program.key("Return")
    n = len(wait(lambda: concepts(project, "category = 'Granule type'"), "the labels"))
    assert n > 10, n
    wait(lambda: len(program.windows()) == 1, "the end of the dialog")
    program.focus()
    program.key("ctrl+z")
    wait(lambda: not concepts(project, "category <> ''"), "the undo")
    program.key("ctrl+shift+z")
    wait(lambda: len(concepts(project, "category = 'Granule type'")) == n, "the redo")
    program.key("slash", "Escape")
    ok("bulk: all that a search found, in one step of undo")


def merge(ok, program, project, latent, folder):
    other = next(i for i in range(100) if i != latent)
    path = folder + "/anna.csv"
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"latent,name,rater\n{latent},hers,Anna\n{other},rim,Anna\n")
    choose(program, "m", path)
    wait(lambda: len(program.windows()) > 1, "the merge")
    time.sleep(1)
    program.focus()
    program.key("alt+h")
    wait(lambda: concepts(project, "name = 'rim' AND rater = 'Anna'"), "the merged label")
    assert concepts(project, f"latent = {latent}")[0][1] == "Coarse granules"
    wait(lambda: len(program.windows()) == 1, "the end of the dialog")
    ok("merge: what a colleague adds is taken, what contradicts is not")


def pack(ok, program, pack_path, folder):
    open_entry(program, "p")
    program.focus()
    program.key("Return")
    wait(lambda: os.path.exists(pack_path), "the pack")
    wait(lambda: len(program.windows()) == 1, "the end of the dialog")
    program.close()
    with open(pack_path, "rb") as file:
        assert folder.encode() not in file.read(), "a path is in the pack"
    ok("pack: one file without a path of this machine")


def elsewhere(ok, project, pack_path, folder, programs):
    before = export(project, folder + "/before.csv")
    desk = tempfile.mkdtemp(prefix="cytosae-desk-", dir=os.path.dirname(folder))
    try:
        os.environ.update(HOME=desk, XDG_CONFIG_HOME=desk + "/config", XDG_CACHE_HOME=desk + "/cache")
        moved = desk + "/from-a-colleague.cytosae"
        shutil.move(pack_path, moved)
        os.rename(folder, folder + "-gone")
        program = Program(moved)
        programs.append(program)
        assert export(moved, desk + "/labels.csv") == before
        program.key("Down")
        first = still(GRID)
        colours = len(first.getcolors(1 << 20) or range(1 << 20))
        assert colours > 1000, colours # thumbnails, where no image is
        program.key("Down", "Down")
        assert share_changed(first, still(GRID)) > 0.02
        program.key("n")
        program.type("seen elsewhere")
        program.key("Return")
        wait(lambda: concepts(moved, "name = 'seen elsewhere'"), "the label in the pack")
        program.close()
    finally:
        shutil.rmtree(desk, ignore_errors=True)
        if os.path.exists(folder + "-gone"):
            os.rename(folder + "-gone", folder)
    ok("reopen elsewhere: the same labels and cells, and it is labelled on")


def main():
    folder = tempfile.mkdtemp(prefix="cytosae-afternoon-")
    os.environ.update(HOME=folder, XDG_CONFIG_HOME=folder + "/config", XDG_CACHE_HOME=folder + "/cache",
                      GSK_RENDERER="cairo", GTK_A11Y="none")
    images, project = folder + "/cells", folder + "/cells.cytosae"
    programs, passed = [], []

    def ok(text):
        passed.append(text)
        print(f"ok {len(passed)} - {text}", flush=True)

    try:
        make_images(images)
        subprocess.run(["xdotool", "mousemove", *map(str, AWAY)], check=True)
        program = create(ok, images, project, programs)
        look(ok, program)
        latent = label(ok, program, project)
        bulk(ok, program, project)
        merge(ok, program, project, latent, folder)
        pack(ok, program, folder + "/cells-packed.cytosae", folder)
        elsewhere(ok, project, folder + "/cells-packed.cytosae", folder, programs)
        print(f"1..{len(passed)}")
    except BaseException as error:
        subprocess.run(["import", "-window", "root", os.environ["CYT_BUILD_DIR"] + "/afternoon-failed.png"], check=False)
        print(f"not ok {len(passed) + 1} - {error!r}\n1..{len(passed) + 1}", flush=True)
        return 1
    finally:
        for program in programs:
            program.kill()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
