#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""mirror.py DIRECTORY PORT-FILE

A mirror for apt: serves DIRECTORY on a port of its choice, whose number it writes to
PORT-FILE. While DIRECTORY has a file named "cut", each package ends in its middle.
"""

import http.server
import os
import sys


class Mirror(http.server.SimpleHTTPRequestHandler):
    """A file server that can break off."""

    def do_GET(self):
        # Times are whole seconds in HTTP, and two versions can be of the same one.
        del self.headers["If-Modified-Since"]
        super().do_GET()

    def copyfile(self, source, outputfile):
        data = source.read()
        if self.path.endswith(".deb") and os.path.exists("cut"):
            data = data[:len(data) // 2]
            self.close_connection = True
        outputfile.write(data)

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass


def main():
    os.chdir(sys.argv[1])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    with open(sys.argv[2] + ".part", "w", encoding="utf-8") as file:
        print(server.server_address[1], file=file)
    os.rename(sys.argv[2] + ".part", sys.argv[2])
    server.serve_forever()


main()
