#!/usr/bin/env python3
"""The program from start to end in a real window: an X server of its own (Xvfb), hands by xdotool.

Usage: real_window_test.py TCONV_STUDIO. Exits with 77 where Xvfb or another tool is missing, which ctest shows as
skipped. Nothing here sleeps to be on the safe side: every wait looks until what it waits for is there.
"""

import ctypes
import ctypes.util
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

STUDIO = ""
SIZE = (1024, 700)
PATIENCE = 60  # seconds until something counts as not happening; a loaded machine may take many
TOOLS = ["Xvfb", "xdotool", "import", "convert"]
SOFTWARE = {"LIBGL_ALWAYS_SOFTWARE": "1"}  # the same pixels on and off the screen, whatever graphics the machine has


def environment(**changes):
    """This process' environment without its display, with software OpenGL, and with `changes`."""
    env = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE")}
    return {**env, **SOFTWARE, **changes}


def wait_for(what, condition, process=None):
    """The first true answer of `condition`; fails after PATIENCE or when the process ends before."""
    end = time.monotonic() + PATIENCE
    while True:
        answer = condition()
        if answer:
            return answer
        if process is not None and process.poll() is not None:
            raise AssertionError(f"{what}: the program ended before with exit code {process.returncode}")
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {PATIENCE} s")
        time.sleep(0.05)


class Picture:
    """RGB pixels."""

    def __init__(self, ppm):
        fields = ppm.split(maxsplit=4)[:4]  # P6 width height 255, one white space, then the pixels
        assert fields[0] == b"P6" and fields[3] == b"255", fields
        self.width, self.height = int(fields[1]), int(fields[2])
        self.pixels = ppm[-3 * self.width * self.height:]

    def changed(self, other, rect):
        """The part of the pixels in `rect` (x, y, w, h) that differ visibly."""
        x, y, w, h = (round(v) for v in rect)
        assert w > 0 and h > 0 and x + w <= min(self.width, other.width) and y + h <= min(self.height, other.height)
        differing = 0
        for row in range(y, y + h):
            a = self.pixels[3 * (row * self.width + x):3 * (row * self.width + x + w)]
            b = other.pixels[3 * (row * other.width + x):3 * (row * other.width + x + w)]
            if a == b:
                continue
            for i in range(0, 3 * w, 3):
                differing += any(abs(a[i + k] - b[i + k]) > 8 for k in range(3))
        return differing / (w * h)

    def colors(self, rect):
        """How many different colours the pixels in `rect` have; one where nothing is drawn yet."""
        x, y, w, h = (round(v) for v in rect)
        rows = (self.pixels[3 * (row * self.width + x):3 * (row * self.width + x + w)] for row in range(y, y + h))
        return len({row[i:i + 3] for row in rows for i in range(0, 3 * w, 3)})


class XServer:
    """A display of its own."""

    def __init__(self):
        read, write = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-noreset", "-nolisten", "tcp",
             "-r"],  # no auto-repeat: on a loaded machine a short press may look like a long one
            pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        number = b""
        while not number.endswith(b"\n"):  # written when the server takes connections; ends if it dies
            part = os.read(read, 16)
            if not part:
                raise AssertionError("Xvfb does not start")
            number += part
        os.close(read)
        self.display = ":" + number.decode().strip()

    def close(self):
        self.process.terminate()
        self.process.wait()


class StudioWindow:
    """A running program on a display, and hands on it."""

    def __init__(self, server, arguments=(), **changes):
        self.env = environment(DISPLAY=server.display, **changes)
        self.process = subprocess.Popen([STUDIO, "--size", f"{SIZE[0]}x{SIZE[1]}", *arguments], env=self.env,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.id = wait_for("the window", self.find, self.process)
        # Without a window manager nobody gives the window its place and the keyboard.
        self.xdotool("windowmove", self.id, "0", "0")
        self.xdotool("windowfocus", "--sync", self.id)

    def find(self):
        found = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "Tconv Studio$"], env=self.env,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return found.stdout.split()[0] if found.stdout.split() else None

    def xdotool(self, *arguments):
        subprocess.run(["xdotool", *arguments], env=self.env, check=True, stdout=subprocess.DEVNULL)

    def key(self, *keys):
        for key in keys:
            self.xdotool("key", "--delay", "40", key)

    def type(self, text):
        self.xdotool("type", "--delay", "40", text)

    def move(self, place):
        self.xdotool("mousemove", str(round(place[0])), str(round(place[1])), "sleep", "0.03")

    def click(self, place):
        self.move(place)
        self.xdotool("mousedown", "1", "sleep", "0.05", "mouseup", "1", "sleep", "0.03")

    def drag(self, start, end, steps=10):
        # In one call: the program sees a steady hand, one step every 25 ms.
        commands = ["mousemove", str(round(start[0])), str(round(start[1])), "sleep", "0.05", "mousedown", "1"]
        for step in range(1, steps + 1):
            x, y = (start[i] + (end[i] - start[i]) * step / steps for i in (0, 1))
            commands += ["sleep", "0.025", "mousemove", str(round(x)), str(round(y))]
        self.xdotool(*commands, "sleep", "0.05", "mouseup", "1", "sleep", "0.03")

    def picture(self):
        return Picture(subprocess.run(["import", "-window", "root", "-depth", "8", "ppm:-"], env=self.env, check=True,
                                      stdout=subprocess.PIPE).stdout)

    def wait_until(self, what, expected, rect, tolerance=0.002):
        """Until the window shows in `rect` what `expected` does."""
        try:
            wait_for(what, lambda: self.picture().changed(expected, rect) <= tolerance, self.process)
        except AssertionError as error:
            raise AssertionError(f"{error}; {100 * self.picture().changed(expected, rect):.2f} % differ") from None

    def ask_to_close(self):
        """What a window manager sends when the cross is clicked."""
        x11 = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        x11.XInternAtom.restype = ctypes.c_ulong
        x11.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
        display = x11.XOpenDisplay(self.env["DISPLAY"].encode())

        class ClientMessage(ctypes.Structure):  # XClientMessageEvent, filled up to the size of XEvent
            _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int),
                        ("display", ctypes.c_void_p), ("window", ctypes.c_ulong), ("message_type", ctypes.c_ulong),
                        ("format", ctypes.c_int), ("data", ctypes.c_long * 5), ("pad", ctypes.c_long * 16)]

        event = ClientMessage(type=33, window=int(self.id), format=32)
        event.message_type = x11.XInternAtom(display, b"WM_PROTOCOLS", 0)
        event.data[0] = x11.XInternAtom(display, b"WM_DELETE_WINDOW", 0)
        x11.XSendEvent.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_long, ctypes.c_void_p]
        x11.XSendEvent(display, int(self.id), 0, 0, ctypes.byref(event))
        x11.XCloseDisplay.argtypes = [ctypes.c_void_p]
        x11.XCloseDisplay(display)

    def end(self):
        """The exit code of a program that was asked to go."""
        self.process.wait(PATIENCE)
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


class RealWindow(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="tconv-window-")
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def server(self):
        server = XServer()
        self.addCleanup(server.close)
        return server

    def window(self, server, *arguments, **changes):
        window = StudioWindow(server, arguments, **{"XDG_STATE_HOME": self.path("state"), **changes})
        self.addCleanup(window.close)
        return window

    def offscreen(self, *arguments, **changes):
        """What the window should look like, and where its controls are."""
        png, places = self.path("expected.png"), self.path("places.json")
        subprocess.run([STUDIO, "--screenshot", png, "--places", places, "--size", f"{SIZE[0]}x{SIZE[1]}", *arguments],
                       env=environment(**changes), check=True)
        ppm = subprocess.run(["convert", png, "-depth", "8", "ppm:-"], check=True, stdout=subprocess.PIPE).stdout
        with open(places, encoding="utf-8") as file:
            return Picture(ppm), json.load(file)

    def scenario(self, **changes):
        """The opening scenario with some of its layer changed, as a file."""
        scenario = {"format": "tconv-scenario", "version": 1,
                    "layer": {"dims": 2, "input": 2, "kernel": 3, **changes.pop("layer", {})},
                    "input": {"pattern": "counting"}, "kernel": {"pattern": "corners"}, **changes}
        with open(self.path("wanted.tconv.json"), "w", encoding="utf-8") as file:
            json.dump(scenario, file)
        return self.path("wanted.tconv.json")

    def test_hands_on_a_window(self):
        window = self.window(self.server())
        start, places = self.offscreen()
        view = places["panel/view"]
        idle = (places["status"][0] + 500, places["status"][1] + 10)  # nothing lights up there
        window.move(idle)
        window.wait_until("the first picture", start, view)

        # The stride slider, from 1 to 2 (its ends are 1 and 6; the handle reaches 7 points beyond the track).
        x, y, w, h = places["slider/stride"]
        at = lambda value: (x + 7 + (w - 14) * (value - 1) / 5, y + h / 2)
        stride_2, new_places = self.offscreen(self.scenario(layer={"stride": 2}))
        self.assertGreater(start.changed(stride_2, view), 0.01, "the test could not tell both apart")
        window.drag(at(1), at(2))
        window.move(idle)
        window.wait_until("stride 2", stride_2, view)
        window.wait_until("the verdict on stride 2", stride_2, new_places["verdict"])
        self.assertGreater(window.picture().changed(start, places["slider/stride"]), 0.01, "the handle stayed")

        # The timeline by keys: to the start, and played to the end.
        step_0, _ = self.offscreen(self.path("wanted.tconv.json"), "--step", "0")
        window.key("Escape")  # leaves the slider
        window.key("Home")
        window.wait_until("the start of the timeline", step_0, view)
        window.key("space")
        wait_for("playing", lambda: window.picture().changed(step_0, view) > 0.005, window.process)
        window.wait_until("the end of the timeline", stride_2, view)

        # Undo; then a number whose first letter is no letter or digit, right after a key with Ctrl.
        window.xdotool("keydown", "ctrl", "sleep", "0.04", "key", "z", "sleep", "0.04", "keyup", "ctrl")
        window.wait_until("undone", start, view)
        wanted, _ = self.offscreen(self.scenario(
            input={"pattern": "custom", "shape": [1, 1, 2, 2], "values": [0.5, 2, 3, 4]}))
        cx, cy, cw, ch = places["cell/input/0,0,0"]
        window.click((cx + cw / 2, cy + ch / 2))
        wait_for("a text field", lambda: window.picture().changed(start, places["cell/input/0,0,0"]) > 0.05)
        window.type(".5")
        window.key("Return")
        window.move(idle)
        window.wait_until("the typed .5", wanted, view)

        # Unsaved changes: the question before closing, and no to it.
        window.key("ctrl+q")
        wait_for("the question", lambda: window.picture().changed(wanted, view) > 0.2, window.process)
        window.key("Escape")
        window.wait_until("going on", wanted, view)
        window.ask_to_close()
        wait_for("the question again", lambda: window.picture().changed(wanted, view) > 0.2, window.process)
        window.key("Right", "Return")
        self.assertEqual(window.end(), 0)
        self.assertEqual(self.kept(), [], "what was discarded is not offered again")

    def kept(self):
        """The unsaved work on the disk."""
        return glob.glob(os.path.join(self.path("state"), "tconv-studio", "autosave", "*", "scenario.tconv.json"))

    def dims(self, picture, behind, rect):
        """Whether `picture` shows a question before `behind`: not the same, and not an empty window either."""
        return picture.colors(rect) > 16 and picture.changed(behind, rect) > 0.2

    def test_comes_back_after_a_kill(self):
        server = self.server()
        window = self.window(server)
        start, places = self.offscreen()
        view = places["panel/view"]
        idle = (places["status"][0] + 500, places["status"][1] + 10)
        window.move(idle)
        window.wait_until("the first picture", start, view)
        self.assertEqual(self.kept(), [])
        x, y, w, h = places["slider/stride"]
        at = lambda value: (x + 7 + (w - 14) * (value - 1) / 5, y + h / 2)
        stride_2, _ = self.offscreen(self.scenario(layer={"stride": 2}))
        window.drag(at(1), at(2))
        window.move(idle)
        window.wait_until("stride 2", stride_2, view)
        wait_for("unsaved work on the disk", self.kept, window.process)  # nothing touches the window meanwhile
        window.process.kill()
        window.process.wait()

        window = self.window(server)
        window.move(idle)
        wait_for("the question", lambda: self.dims(window.picture(), start, view), window.process)
        window.key("Return")
        window.wait_until("stride 2 again", stride_2, view)
        window.key("ctrl+q", "Right", "Return")
        self.assertEqual(window.end(), 0)
        self.assertEqual(self.kept(), [])

    def test_closes_like_any_window(self):
        window = self.window(self.server())
        start, places = self.offscreen()
        window.move((500, places["status"][1] + 10))
        window.wait_until("the first picture", start, places["panel/view"])
        window.ask_to_close()
        self.assertEqual(window.end(), 0)

    def test_draws_large_maps_from_the_device(self):
        options = ["checkerboard-k3-s2", "--view", "large-maps", "--option", "large/side=1024"]
        by_processor, places = self.offscreen(*options, "--option", "large/way=cpu")
        x, y, w, h = places["panel/view"]
        map_rect = (x, y + 110, w, h - 110)  # below the choices and the title
        self.assertGreater(by_processor.colors(map_rect), 16)
        window = self.window(self.server(), *options, "--option", "large/way=gpu")
        window.move((300, places["status"][1] + 10))
        window.wait_until("the map", by_processor, map_rect, 0.02)
        by_device, _ = self.offscreen(*options, "--option", "large/way=gpu")
        window.wait_until("that the device has made it", by_device, (x, y, w, 60), 0.002)
        window.key("ctrl+q")
        self.assertEqual(window.end(), 0)

    def test_goes_on_without_compute_shaders(self):
        softpipe = {"GALLIUM_DRIVER": "softpipe"}  # OpenGL 3.3
        window = self.window(self.server(), **softpipe)
        expected, places = self.offscreen(**softpipe)
        window.move((300, places["status"][1] + 10))
        window.wait_until("the first picture", expected, places["panel/view"])
        # What the status line says lies at its right end; the same words are drawn off screen.
        x, y, w, h = places["status"]
        window.wait_until("the status line", expected, (x + w / 2, y, w / 2, h), 0.01)
        llvmpipe, _ = self.offscreen(GALLIUM_DRIVER="llvmpipe")
        self.assertGreater(expected.changed(llvmpipe, (x + w / 2, y, w / 2, h)), 0.005, "it does not say so")
        window.key("ctrl+q")
        self.assertEqual(window.end(), 0)

    def run_to_end(self, **changes):
        done = subprocess.run([STUDIO], env=environment(**changes), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=PATIENCE)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertTrue(done.stderr.startswith("tconv-studio: "), done.stderr)
        return done.returncode, done.stderr

    def test_no_display(self):
        code, message = self.run_to_end()
        self.assertEqual(code, 1)
        self.assertIn("no display", message)
        self.assertIn("--screenshot", message)

    def test_a_display_that_does_not_answer(self):
        code, message = self.run_to_end(DISPLAY=":987")
        self.assertEqual(code, 1)
        self.assertIn("display", message)

    def test_opengl_too_old(self):
        code, message = self.run_to_end(DISPLAY=self.server().display, MESA_GL_VERSION_OVERRIDE="2.1")
        self.assertEqual(code, 1)
        self.assertIn("OpenGL 3.3", message)

    def test_a_broken_file(self):
        with open(self.path("broken.npy"), "wb") as file:
            file.write(b"\x93NUMPY")
        done = subprocess.run([STUDIO, self.path("broken.npy")], env=environment(DISPLAY=self.server().display),
                              stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 3)
        self.assertIn("broken.npy", done.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    STUDIO = os.path.abspath(sys.argv.pop(1))
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        print("skipped: not installed: " + ", ".join(missing))
        sys.exit(77)
    unittest.main(verbosity=2)
