"""The binary as an operator meets it: starts, stops, mistakes, commands. Protocol is tested elsewhere.

    HONGYAN=build/release/hongyan program_test.py [Class.test]
"""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

HONGYAN = pathlib.Path(os.environ.get("HONGYAN", "build/release/hongyan")).resolve()
# Builds with sanitizers are slower; an operator's is not.
START_S = float(os.environ.get("HONGYAN_START_S", "1.0"))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hongyan-program-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.c2s, self.c2s_tls = free_port(), free_port()
        self.log = self.folder / "log"

    def config(self, text="", name="hongyan.toml"):
        listen = f'[listen]\nc2s = ["127.0.0.1:{self.c2s}"]\nc2s_tls = ["127.0.0.1:{self.c2s_tls}"]\n'
        (self.folder / name).write_text(text + "\n" + listen)

    def run_hongyan(self, *words, text=None, timeout=20):
        return subprocess.run(
            [HONGYAN, *words], cwd=self.folder, input=text, capture_output=True, text=True, timeout=timeout
        )

    @contextlib.contextmanager
    def server(self, *words):
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [HONGYAN, *(words or ("serve",))], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            self.wait_until(lambda: "event=started" in self.log.read_text() or process.poll() is not None)
            if process.poll() is not None:
                self.fail(f"did not start: {self.log.read_text()}")
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()

    def wait_until(self, condition, seconds=15):
        deadline = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), deadline, self.log.read_text() if self.log.exists() else "")
            time.sleep(0.01)

    def stop(self, process):
        process.send_signal(signal.SIGTERM)
        return process.wait(15)

    def refused(self, *words, says):
        """Ends in time with a status that is not 0 and one line on standard error that says all of `says`."""
        begun = time.monotonic()
        done = self.run_hongyan(*words)
        self.assertLess(time.monotonic() - begun, START_S)
        self.assertEqual(done.returncode, 1, done.stderr)
        lines = [line for line in done.stderr.splitlines() if line.startswith("hongyan: ")]
        self.assertEqual(len(lines), 1, done.stderr)
        for text in says:
            self.assertIn(text, lines[0])

    def certificate_served(self):
        return ssl.get_server_certificate(("127.0.0.1", self.c2s_tls))


class Mistakes(Case):
    def test_unknown_key(self):
        self.config("shard = 2\n")
        self.refused("serve", says=["hongyan.toml:1:1:", '"shard"', 'did you mean "shards"?'])

    def test_wrong_type(self):
        self.config('shards = "two"\n')
        self.refused("serve", says=["hongyan.toml:1:10:", "shards expects an integer, not a string"])

    def test_out_of_range(self):
        self.config("shards = 257\n")
        self.refused("serve", says=["hongyan.toml:1:10:", "from 0 to 256"])

    def test_no_such_file(self):
        self.refused("serve", "--config", "none.toml", says=["none.toml", "No such file"])

    def test_port_in_use(self):
        self.config()
        with socket.create_server(("127.0.0.1", self.c2s)):
            self.refused("serve", says=[str(self.c2s), "127.0.0.1"])
            self.assertEqual(self.run_hongyan("check").returncode, 1)

    def test_data_directory_in_use(self):
        self.config()
        with self.server() as first:
            self.refused("serve", says=["data", f"in use by process {first.pid}", "stop it first"])

    def test_data_directory_open_to_others(self):
        self.config()
        (self.folder / "data").mkdir(mode=0o755)
        (self.folder / "data").chmod(0o755)
        self.refused("serve", says=["open to other users", "chmod 700"])

    def test_data_directory_that_is_a_file(self):
        self.config()
        (self.folder / "data").write_text("")
        self.refused("serve", says=["not a directory", "--data"])

    def test_certificate_missing(self):
        self.config('[[domain]]\nname = "localhost"\ncertificate = "none.crt"\nkey = "none.key"\n')
        self.refused("serve", says=["none.crt", "No such file"])

    def test_certificate_that_is_none(self):
        self.config('[[domain]]\nname = "localhost"\ncertificate = "bad.crt"\nkey = "bad.crt"\n')
        (self.folder / "bad.crt").write_text("nothing\n")
        self.refused("serve", says=["bad.crt"])

    def test_key_of_another_certificate(self):
        self.config()
        for name in ("a", "b"):
            with self.server("serve", "--data", name) as process:
                self.stop(process)
        self.config('[[domain]]\nname = "localhost"\ncertificate = "a/tls/localhost.crt"\nkey = "b/tls/localhost.key"\n')
        self.refused("serve", says=["b/tls/localhost.key"])

    def test_damaged_store(self):
        self.config()
        (self.folder / "data/store").mkdir(parents=True, mode=0o700)
        (self.folder / "data").chmod(0o700)
        (self.folder / "data/store/CURRENT").write_text("damaged\n")
        self.refused("serve", says=["data/store"])

    def test_words_that_are_no_command(self):
        for words in (["fly"], [], ["serve", "--fast"], ["user", "add"]):
            done = self.run_hongyan(*words)
            self.assertEqual(done.returncode, 2, words)


class Life(Case):
    def test_the_second_start_prints_the_same_accounts(self):
        self.config()
        printed = []
        for _ in range(2):
            self.log.write_text("")
            with self.server() as process:
                self.assertEqual(self.stop(process), 0)
            printed.append(re.findall(r"^  (\w+@localhost +[\w-]+)", self.log.read_text(), re.MULTILINE))
        self.assertEqual(len(printed[0]), 3)
        self.assertEqual(printed[0], printed[1])

    def test_stops_in_order_on_each_signal(self):
        self.config()
        for number in (signal.SIGTERM, signal.SIGINT):
            self.log.write_text("")
            with self.server() as process:
                process.send_signal(number)
                self.assertEqual(process.wait(15), 0)
            self.assertIn("event=stopped", self.log.read_text())
            self.assertFalse((self.folder / "data/control.sock").exists())

    def test_says_goodbye_to_a_connected_client(self):
        self.config()
        with self.server() as process, socket.create_connection(("127.0.0.1", self.c2s)) as client:
            client.sendall(b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
                           b" to='localhost' version='1.0'>")
            client.settimeout(10)
            got = client.recv(4096)
            self.assertIn(b"<stream:stream", got)
            self.assertEqual(self.stop(process), 0)
            while chunk := client.recv(4096):
                got += chunk
            self.assertIn(b"system-shutdown", got)
            self.assertTrue(got.rstrip().endswith(b"</stream:stream>"), got)

    def test_starts_again_after_kill_9(self):
        self.config()
        with self.server() as process:
            self.assertEqual(self.run_hongyan("user", "add", "zoe@localhost", "--random").returncode, 0)
            process.kill()
            process.wait()
        self.log.write_text("")
        with self.server():
            self.assertEqual(self.run_hongyan("user", "show", "zoe@localhost").returncode, 0)

    def test_sighup_reads_certificates_and_log_level_again(self):
        self.config()
        for name in ("a", "b"):
            with self.server("serve", "--data", name) as process:
                self.stop(process)
            self.log.write_text("")
        for suffix in ("crt", "key"):
            shutil.copy(self.folder / f"a/tls/localhost.{suffix}", self.folder / f"own.{suffix}")
        domain = '[[domain]]\nname = "localhost"\ncertificate = "own.crt"\nkey = "own.key"\n'
        self.config(domain)
        with self.server() as process:
            before = self.certificate_served()
            self.assertEqual(before.strip(), (self.folder / "a/tls/localhost.crt").read_text().strip())
            for suffix in ("crt", "key"):
                shutil.copy(self.folder / f"b/tls/localhost.{suffix}", self.folder / f"own.{suffix}")
            process.send_signal(signal.SIGHUP)
            self.wait_until(lambda: "event=reloaded" in self.log.read_text())
            self.assertEqual(self.certificate_served().strip(), (self.folder / "b/tls/localhost.crt").read_text().strip())

            # A mistake leaves everything as it was.
            (self.folder / "own.crt").write_text("nothing")
            process.send_signal(signal.SIGHUP)
            self.wait_until(lambda: "reload refused" in self.log.read_text())
            self.assertEqual(self.certificate_served().strip(), (self.folder / "b/tls/localhost.crt").read_text().strip())
            self.config("shards = true\n" + domain)
            process.send_signal(signal.SIGHUP)
            self.wait_until(lambda: self.log.read_text().count("reload refused") == 2)
            self.assertIsNone(process.poll())

    def test_localhost_is_not_reachable_from_elsewhere(self):
        (self.folder / "hongyan.toml").write_text(f'[listen]\nc2s = ["{self.c2s}"]\nc2s_tls = []\n')
        with self.server():
            with socket.create_connection(("127.0.0.1", self.c2s)):
                pass
            with self.assertRaises(OSError):  # a socket bound to all addresses would answer here
                socket.create_connection(("127.0.0.2", self.c2s), timeout=2)

    def test_a_server_for_a_real_domain_makes_no_accounts(self):
        self.config('[[domain]]\nname = "example.com"\n')
        with self.server():
            listed = self.run_hongyan("user", "list")
        self.assertEqual((listed.returncode, listed.stdout), (0, ""))
        self.assertFalse((self.folder / "data/first-login.txt").exists())

    def test_secrets_are_in_no_log_line(self):
        self.config('[log]\nlevel = "debug"\n')
        with self.server() as process:
            self.run_hongyan("user", "add", "zoe@localhost", text="pass-of-zoe\n")
            self.run_hongyan("user", "password", "zoe@localhost", text="new-of-zoe\n")
            self.stop(process)
        lines = [line for line in self.log.read_text().splitlines() if " event=" in line]
        passwords = re.findall(r"@localhost (\S+)", (self.folder / "data/first-login.txt").read_text())
        self.assertEqual(len(passwords), 3)
        for secret in (*passwords, "pass-of-zoe", "new-of-zoe"):
            self.assertFalse([line for line in lines if secret in line])

    def test_demo_leaves_nothing_behind(self):
        environment = {**os.environ, "TMPDIR": str(self.folder)}
        process = subprocess.Popen(
            [HONGYAN, "demo"], env=environment, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        with process:
            port = None
            for line in process.stdout:
                if found := re.search(r"port (\d+) \(direct TLS\)", line):
                    port = int(found.group(1))
                if "Control-C" in line:
                    break
            self.assertIn("BEGIN CERTIFICATE", ssl.get_server_certificate(("127.0.0.1", port)))
            self.assertEqual(len(list(self.folder.glob("hongyan-demo-*"))), 1)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(15), 0)
        self.assertEqual(list(self.folder.glob("hongyan-demo-*")), [])


class Commands(Case):
    def check_users(self):
        """The same whether a server runs or not."""

        def user(*words, text=None):
            done = self.run_hongyan("user", *words, text=text)
            return done.returncode, done.stdout, done.stderr

        self.assertEqual(user("add", "zoe@localhost", text="secret\n"), (0, "", ""))
        status, _, said = user("add", "zoe@localhost", text="secret\n")
        self.assertEqual(status, 1)
        self.assertIn("zoe@localhost", said)
        self.assertEqual(user("add", "Yan@localhost", "--admin", "--password-stdin", text="secret")[0], 0)
        status, password, _ = user("password", "zoe@localhost", "--random")
        self.assertEqual(status, 0)
        self.assertRegex(password, r"^[0-9a-z]{4}(-[0-9a-z]{4}){3}\n$")
        for wrong in ("zoe", "zoe@localhost/x", "@localhost", "z z@localhost", "zoe@localhos"):
            self.assertEqual(user("add", wrong, text="secret\n")[0], 1, wrong)
        self.assertIn("did you mean localhost?", user("add", "zoe@localhos", text="x\n")[2])
        for wrong in ("", "\n", "a\x07b\n", "x" * 1024):
            self.assertEqual(user("add", "xi@localhost", text=wrong)[0], 1, wrong)
        listed = user("list")[1]
        self.assertIn("yan@localhost\tadmin\n", listed)
        self.assertIn("zoe@localhost\tuser\n", listed)
        self.assertNotIn("xi@localhost", listed)
        self.assertRegex(user("show", "yan@localhost")[1], r"role +admin\ncreated +20\d\d-")
        self.assertEqual(user("remove", "yan@localhost"), (0, "", ""))
        for words in (("remove",), ("show",), ("password", "--random")):
            self.assertEqual(user(words[0], "yan@localhost", *words[1:])[0], 1)

        (self.folder / "list").write_text("# new\nxia@localhost a b c\n\nwu@localhost\tx\nbad\nxia@localhost again\n")
        status, counted, said = user("import", "list")
        self.assertEqual((status, counted), (1, "2 added, 2 refused\n"))
        self.assertIn("list:5:", said)
        self.assertIn("list:6:", said)
        self.assertEqual(user("import", "-", text="vi@localhost pass\n"), (0, "1 added, 0 refused\n", ""))
        self.assertEqual(user("import", "none")[0], 1)

    def test_users_while_the_server_runs(self):
        self.config()
        with self.server():
            self.check_users()

    def test_users_while_no_server_runs(self):
        self.config()
        self.check_users()
        with self.server():
            self.assertIn("vi@localhost\tuser\n", self.run_hongyan("user", "list").stdout)

    def test_check_changes_nothing(self):
        self.config()
        done = self.run_hongyan("check")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertFalse((self.folder / "data").exists())
        self.config("shards = 1000\n")
        self.refused("check", says=["hongyan.toml:1:10:"])

    def test_check_knows_a_running_server(self):
        self.config()
        with self.server():
            done = self.run_hongyan("check")
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertIn("a server runs", done.stdout)

    def test_version(self):
        self.assertRegex(self.run_hongyan("--version").stdout, r"^hongyan \d+\.\d+\.\d+\n$")

    def test_the_reference_page_is_the_one_in_docs(self):
        page = pathlib.Path(__file__).parents[2] / "docs/configuration.md"
        self.assertEqual(self.run_hongyan("check", "--reference").stdout, page.read_text())


if __name__ == "__main__":
    unittest.main()
