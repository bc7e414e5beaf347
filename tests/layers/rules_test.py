"""Each rule of rules.py against a tree that breaks it and one that does not."""

import pathlib
import tempfile
import unittest

import rules


class RulesTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def broken(self, rule):
        return list(rules.RULES[rule](self.root))

    def test_arrows_point_down(self):
        self.write("src/feature/a.cpp", '#include "route/hub.h"\n#include "feature/a.h"\n#include <vector>\n')
        self.assertEqual(self.broken("arrows"), [])
        self.write("src/feature/b.cpp", '\n#include "net/pipe.h"\n')
        self.write("src/xmpp/c.h", '#include "route/hub.h"\n')
        self.write("src/xmpp/d.h", '  #  include "../route/hub.h"\n')
        self.write("src/xmpp/e.h", '#include "jid.h"\n')
        self.write("src/new/f.h", '#include "base/task.h"\n')
        found = self.broken("arrows")
        self.assertEqual(len(found), 5)
        self.assertIn("src/feature/b.cpp:2: feature may not include net/pipe.h", found)

    def test_the_table_of_layers_has_no_ring(self):
        for layer, below in rules.BELOW.items():
            self.assertNotIn(layer, below)
            for lower in below:
                self.assertIn(lower, rules.BELOW)
                self.assertNotIn(layer, rules.BELOW[lower])

    def test_features_stay_apart(self):
        self.write("src/feature/muc/rooms.cpp", '#include "feature/muc/rules.h"\n')
        self.write("src/feature/all.cpp", '#include "feature/all.h"\n')
        self.assertEqual(self.broken("features_apart"), [])
        self.write("src/feature/a.cpp", '#include "feature/muc/rules.h"\n')
        self.assertEqual(len(self.broken("features_apart")), 1)

    def test_libraries_are_seen_where_they_may(self):
        self.write("src/net/loop_epoll.cpp", "#include <boost/asio.hpp>\n")
        self.write("src/base/a_test.cpp", "#include <gtest/gtest.h>\n")
        self.write("src/store/contract/accounts.h", "#include <gtest/gtest.h>\n")
        self.assertEqual(self.broken("libraries"), [])
        for name in ("src/net/loop.h", "src/stream/c2s.cpp", "src/stream/c2s_test.cpp"):
            self.write(name, "#include <boost/asio.hpp>\n")
        self.write("src/base/b.cpp", "#include <gtest/gtest.h>\n")
        self.write("src/base/c.cpp", '#include "spdlog/spdlog.h"\n')
        self.assertEqual(len(self.broken("libraries")), 5)

    def test_costly_libraries_are_seen_by_two_files(self):
        for name in ("a", "b"):
            self.write(f"src/admin/{name}.cpp", "#include <nlohmann/json.hpp>\n")
        self.assertEqual(self.broken("libraries"), [])
        self.write("src/server/c.cpp", "#include <nlohmann/json.hpp>\n")
        self.assertEqual(len(self.broken("libraries")), 1)

    def test_files_end_at_their_bound(self):
        self.write("src/base/a.cpp", "\n" * 800)
        self.write("src/base/a_test.cpp", "\n" * 1200)
        self.assertEqual(self.broken("length"), [])
        self.write("src/base/a.cpp", "\n" * 801)
        self.write("src/base/a_test.cpp", "\n" * 1201)
        self.assertEqual(len(self.broken("length")), 2)

    def test_the_list_of_features_is_the_folder(self):
        self.write("src/feature/all.def", "// FEATURE(no)\nFEATURE(a)\nFEATURE(muc)\n")
        for name in ("a.cpp", "a_test.cpp", "all.cpp", "all.h", "muc/rooms.cpp"):
            self.write(f"src/feature/{name}", "")
        self.assertEqual(self.broken("features_listed"), [])
        self.write("src/feature/b.cpp", "")
        self.write("src/feature/all.def", "FEATURE(a)\nFEATURE(a)\nFEATURE(muc)\nFEATURE(gone)\n")
        self.assertEqual(len(self.broken("features_listed")), 3)


if __name__ == "__main__":
    unittest.main()
