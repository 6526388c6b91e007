# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives the list of latents in the real window with real key events: search, label all that it found and undo that,
filter, save the filter, go through the unlabelled ones, apply the filter after reopening, sample a batch."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

from drive_window import Program, make_images, query, wait

CLI = sys.argv[2]
MODELS = os.environ["CYT_SOURCE_DIR"] + "/data/models/pbc-tiny/"


def concepts(project, where="1"):
    return query(project, f"SELECT latent, category, status FROM concept WHERE {where} ORDER BY edited_at") or []


def setting(project, key):
    rows = query(project, f"SELECT value FROM setting WHERE key = '{key}'")
    return rows[0][0] if rows else None


def settle(program):
    """Waits until the program has nothing to do: hardly any processor time for a second, after the first two."""
    def get_ticks():
        with open(f"/proc/{program.process.pid}/stat") as f:
            return sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13]))

    def is_quiet():
        before = get_ticks()
        time.sleep(1)
        return get_ticks() - before <= 5

    time.sleep(2)
    wait(is_quiet, "a quiet program")
    program.focus()


def open_project(project, programs):
    # A tooltip would be a window too.
    subprocess.run(["xdotool", "mousemove", "1439", "899"], check=True)
    programs.append(Program(project))
    settle(programs[-1])
    return programs[-1]


def test(home, ok, programs):
    images, project = home + "/cells", home + "/cells.cytosae"
    make_images(images)
    subprocess.run([CLI, "index", project, "-e", MODELS + "encoder.safetensors", "-s", MODELS + "sae", "-i", images],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    n_light = query(project, "SELECT count(*) FROM latent_stats s JOIN label l ON l.dataset = s.dataset AND "
                             "l.number = s.majority WHERE l.name = 'light' AND s.sum_score / s.n_active <= 0.1")[0][0]
    assert n_light > 10, n_light
    program = open_project(project, programs)

    program.key("slash")
    program.type("light")
    time.sleep(1)
    program.key("Return", "ctrl+a", "l")
    wait(lambda: len(program.windows()) > 1, "the dialog")
    program.focus()
    program.key("alt+a")
    program.type("Granule type")
    program.key("Return")
    wait(lambda: len(concepts(project, "category = 'Granule type'")) == n_light, f"{n_light} labels")
    program.focus()
    ok("all latents that a search found are labelled at once")

    program.key("ctrl+z")
    wait(lambda: not concepts(project, "category <> ''"), "the undo")
    ok("one undo takes the labels of all of them back")

    program.key("slash", "Escape", "Home", "u", "u", "shift+Down", "shift+Down", "l")
    wait(lambda: len(program.windows()) > 1, "the dialog")
    program.focus()
    program.key("alt+t")
    program.type("blast; coarse ")
    program.key("Return")
    wait(lambda: query(project, "SELECT count(*) FROM concept WHERE tags = 'blast;coarse'") == [(3,)], "three tags")
    program.focus()
    program.key("l")
    wait(lambda: len(program.windows()) > 1, "the dialog for a status")
    program.focus()
    program.key("4", "Return")
    wait(lambda: query(project, "SELECT count(*) FROM concept WHERE status = 'rejected'") == [(3,)], "three rejected")
    program.focus()
    program.key("ctrl+z")
    wait(lambda: query(project, "SELECT count(*) FROM concept WHERE status = 'rejected'") == [(0,)], "the undo of the three")
    program.key("ctrl+z")
    wait(lambda: query(project, "SELECT count(*) FROM concept WHERE tags <> ''") == [(0,)], "the undo of tags")
    ok("Shift and the arrows mark latents, which are labelled together")

    # The panel opens on "Any"; then on to the button of saved filters beside it.
    program.key("f", "Tab", "space", "Escape")
    program.key("slash", "Tab", "Tab", "space")
    time.sleep(0.5)
    program.type("mine")
    program.key("Return")
    text = wait(lambda: setting(project, "filter:mine"), "the saved filter")
    assert "labelled=false" in text.replace(" ", ""), text
    program.key("Escape")
    ok("a filter is set and saved by the keyboard alone")

    before = {row[0] for row in concepts(project, "status <> 'unreviewed'")}
    assert not before, before
    program.key("slash", "Return", "Home", "3", "Return", "4", "u", "5", "r", "2")
    wait(lambda: len(concepts(project, "status <> 'unreviewed'")) == 4, "four labels")
    statuses = sorted(row[2] for row in concepts(project, "status <> 'unreviewed'"))
    assert statuses == ["artefact", "confirmed", "proposed", "rejected"], statuses
    ok("Enter, U and R lead from one unlabelled latent to the next, under a filter that each of them leaves")

    program.close()
    program = open_project(project, programs)
    program.key("Down", "Up", "slash", "Tab", "Tab", "space")
    time.sleep(0.5)
    program.key("Return")
    time.sleep(0.5)
    labelled = {row[0] for row in concepts(project, "status <> 'unreviewed'")}
    program.key("slash", "Return", "Home", "2")
    now = wait(lambda: {row[0] for row in concepts(project, "status <> 'unreviewed'")} - labelled, "another label")
    assert len(now) == 1, now
    ok("a saved filter is applied after reopening")

    # The menu is what Tab comes to after the rows; sampling is the last it offers.
    program.key("slash", "Return", "Tab", "space", "Up", "Return")
    wait(lambda: len(program.windows()) > 1, "the dialog")
    program.focus()
    program.type("20")
    program.key("Return")
    wait(lambda: len(program.windows()) == 1, "the end of the dialog")
    settle(program)
    program.key("slash", "Return", "ctrl+a", "l")
    wait(lambda: len(program.windows()) > 1, "the dialog for labels")
    program.focus()
    program.key("alt+a")
    program.type("Sampled")
    program.key("Return")
    wait(lambda: len(concepts(project, "category = 'Sampled'")) == 20, "twenty sampled labels")
    program.focus()
    ok("a batch is sampled and labelled")
    program.close()


def main():
    home = tempfile.mkdtemp(prefix="cytosae-list-")
    os.environ.update(HOME=home, XDG_CONFIG_HOME=home + "/config", XDG_CACHE_HOME=home + "/cache",
                      GSK_RENDERER="cairo", GTK_A11Y="none")
    programs, passed = [], []

    def ok(text):
        passed.append(text)
        print(f"ok {len(passed)} - {text}", flush=True)

    try:
        test(home, ok, programs)
        print(f"1..{len(passed)}")
    except BaseException as error:
        subprocess.run(["import", "-window", "root", os.environ["CYT_BUILD_DIR"] + "/list-failed.png"], check=False)
        print(f"not ok {len(passed) + 1} - {error!r}\n1..{len(passed) + 1}", flush=True)
        return 1
    finally:
        for program in programs:
            program.kill()
        shutil.rmtree(home, ignore_errors=True)
    return 0


sys.exit(main())
