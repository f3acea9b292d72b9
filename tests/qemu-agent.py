#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""qemu-agent.py DIRECTORY SLOT=IMAGE...
qemu-agent.py --arguments DIRECTORY SLOT=IMAGE...

Changes what is in the slots of a guest, from outside, as the guest asks for it
through a serial port: one line for a request, one for the answer, which begins
with "ok" or "error". A slot is named by the id of QEMU's port. Requests:

  plug SLOT IMAGE             puts a card with that image in
  unplug SLOT                 asks for the card, by the attention button
  next SLOT IMAGE [DELAY_MS]  when the card is next out of the slot, puts one in
                              with that image, after a while; "none" for nothing
  show SLOT                   what is in: "FUNCTION VENDOR:DEVICE" of each function,
                              with commas, and "+" and how often it was out

A card is one or more of QEMU's devices, and an image is which. DIRECTORY has QEMU's
sockets "qmp" and "agent", the latter for the serial port. What is in a slot from
the beginning QEMU has to be told when it is started: --arguments prints what.
"""

import json
import os
import select
import socket
import sys
import time

NVME = {"driver": "nvme"}
# QEMU wants resources for the VFs, two queues and one vector for each, and a
# subsystem, which goes without a drive of the controller's own.
NVME_VFS = {"driver": "nvme", "sriov_max_vfs": 4, "sriov_vq_flexible": 8,
            "sriov_vi_flexible": 4, "max_ioqpairs": 10, "msix_qsize": 9}
NIC = {"driver": "e1000e", "romfile": ""}
OTHER = {"driver": "edu"}

IMAGES = {
    "one": [NVME],
    "vfs": [NVME_VFS],
    "two": [NVME, NIC],
    "nic": [NIC],
    "other": [OTHER],
    "four": [NVME, NIC, NVME, OTHER],
}

DRIVE_BYTES = 1 << 20
CONNECT_SECONDS = 60
# QEMU lets go of a device's drive some time after it said that it is gone.
PLUG_SECONDS = 10


class QmpError(Exception):
    """QEMU refused a command."""


def connect(path):
    """QEMU makes its sockets when it starts."""
    end = time.monotonic() + CONNECT_SECONDS
    while True:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.connect(path)
            return sock
        except (FileNotFoundError, ConnectionRefusedError):
            sock.close()
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


class Lines:
    """A socket as lines."""

    def __init__(self, path):
        self.sock = connect(path)
        self.rest = b""

    def fileno(self):
        return self.sock.fileno()

    def write(self, text):
        self.sock.sendall(text.encode() + b"\n")

    def receive(self):
        """What has come by now, as whole lines; waits for some bytes."""
        data = self.sock.recv(65536)
        if not data:
            raise EOFError
        *lines, self.rest = (self.rest + data).split(b"\n")
        return [line.decode(errors="replace").strip() for line in lines]


class Qmp:
    """QEMU's monitor: commands, and events in the order in which they came."""

    def __init__(self, path):
        self.lines = Lines(path)
        self.events = []
        self.answers = []
        self.command("qmp_capabilities")

    def receive(self):
        for line in self.lines.receive():
            message = json.loads(line)
            if "event" in message:
                self.events.append(message)
            elif "QMP" not in message:
                self.answers.append(message)

    def command(self, name, **arguments):
        self.lines.write(json.dumps({"execute": name, "arguments": arguments}))
        while not self.answers:
            self.receive()
        answer = self.answers.pop(0)
        if "error" in answer:
            raise QmpError(answer["error"]["desc"])
        return answer["return"]


def drive(directory, slot, image, number):
    """A drive that says whose it is."""
    node = f"{slot}-{image}-{number}"
    path = os.path.join(directory, node)
    with open(path, "wb") as file:
        file.write(f"image {image} function {number}\n".encode())
        file.truncate(DRIVE_BYTES)
    return {"driver": "file", "filename": path, "node-name": node}


def card(directory, slot, image):
    """Its drives, and its functions. Function 0 comes last: with it the guest is
    told."""
    drives, functions = [], []
    for number in reversed(range(len(IMAGES[image]))):
        function = dict(IMAGES[image][number], bus=slot, addr=f"0.{number}",
                        id=f"{slot}-f{number}",
                        multifunction=len(IMAGES[image]) > 1)
        if function["driver"] == "nvme":
            function["serial"] = f"{slot}-{image}-{number}"
        if "sriov_max_vfs" in function:
            function["subsys"] = f"{slot}-subsys"
        elif function["driver"] == "nvme":
            drives.append(drive(directory, slot, image, number))
            function["drive"] = drives[-1]["node-name"]
        functions.append(function)
    return drives, functions


class Slot:
    """A slot, and what happens to it. image: what is in it, or None"""

    def __init__(self, qmp, name, directory, image):
        self.qmp = qmp
        self.name = name
        self.directory = directory
        self.drives = set()
        self.devices = set()
        self.next = None
        self.due = None
        self.times_out = 0
        if image:
            drives, functions = card(directory, name, image)
            self.drives = {drive["node-name"] for drive in drives}
            self.devices = {function["id"] for function in functions}

    def plug(self, image):
        if self.devices:
            raise QmpError("there is a card in the slot")
        drives, functions = card(self.directory, self.name, image)
        for node in drives:
            if node["node-name"] not in self.drives:
                self.qmp.command("blockdev-add", **node)
                self.drives.add(node["node-name"])
        for device in functions:
            end = time.monotonic() + PLUG_SECONDS
            while True:
                try:
                    self.qmp.command("device_add", **device)
                    break
                except QmpError:
                    if time.monotonic() > end:
                        raise
                    time.sleep(0.01)
            self.devices.add(device["id"])

    def unplug(self):
        self.qmp.command("device_del", id=f"{self.name}-f0")

    def deleted(self, device):
        if device not in self.devices:
            return
        self.devices.remove(device)
        if self.devices:
            return
        self.times_out += 1
        if self.next:
            self.due = time.monotonic() + self.next[1]

    def poll(self):
        """Seconds until there is something to do, or None."""
        if self.due is None:
            return None
        left = self.due - time.monotonic()
        if left > 0:
            return left
        image, self.due, self.next = self.next[0], None, None
        if image != "none":
            self.plug(image)
        return None

    def show(self):
        found = []

        def walk(devices):
            for device in devices:
                if device["qdev_id"].startswith(f"{self.name}-f"):
                    found.append(f'{device["function"]} '
                                 f'{device["id"]["vendor"]:04x}:'
                                 f'{device["id"]["device"]:04x}')
                walk(device.get("pci_bridge", {}).get("devices", []))

        for bus in self.qmp.command("query-pci"):
            walk(bus["devices"])
        return ",".join(sorted(found)) + f"+{self.times_out}"


class Agent:
    """Answers the guest, and swaps cards when QEMU says that one is out."""

    def __init__(self, directory, cards):
        self.qmp = Qmp(os.path.join(directory, "qmp"))
        self.serial = Lines(os.path.join(directory, "agent"))
        self.slots = {slot: Slot(self.qmp, slot, directory, image)
                      for slot, image in cards}

    def request(self, line):
        verb, name, *rest = line.split()
        slot = self.slots[name]
        if verb == "plug":
            slot.plug(rest[0])
        elif verb == "unplug":
            slot.unplug()
        elif verb == "next":
            if rest[0] != "none" and rest[0] not in IMAGES:
                raise QmpError("no such image")
            slot.next = (rest[0], int(rest[1]) / 1000 if rest[1:] else 0)
        elif verb == "show":
            return slot.show()
        else:
            raise QmpError("no such request")
        return ""

    def answer(self, line):
        try:
            text = f"ok {self.request(line)}"
        except (QmpError, ValueError, KeyError, IndexError) as error:
            text = f"error {line}: {error!r}"
        self.serial.write(text.strip())

    def swap(self):
        """All that is to be done by now; the time until there is more."""
        while self.qmp.events:
            event = self.qmp.events.pop(0)
            if event["event"] == "DEVICE_DELETED":
                for slot in self.slots.values():
                    slot.deleted(event["data"].get("device"))
        waits = [slot.poll() for slot in self.slots.values()]
        return min((wait for wait in waits if wait is not None), default=None)

    def run(self):
        while True:
            wait = self.swap()
            if self.qmp.events:
                continue
            ready, _, _ = select.select([self.qmp.lines, self.serial], [], [],
                                        wait)
            if self.qmp.lines in ready:
                self.qmp.receive()
            if self.serial in ready:
                for line in self.serial.receive():
                    if line:
                        self.answer(line)


def print_arguments(directory, cards):
    for slot, image in cards:
        drives, functions = card(directory, slot, image)
        for node in drives:
            print("-blockdev", json.dumps(node), sep="\n")
        for function in functions:
            print("-device", json.dumps(function), sep="\n")


def main():
    arguments = sys.argv[1:]
    only_print = arguments[:1] == ["--arguments"]
    if only_print:
        arguments = arguments[1:]
    if not arguments:
        sys.exit(__doc__)
    cards = [argument.split("=") for argument in arguments[1:]]
    if only_print:
        print_arguments(arguments[0], cards)
        return
    try:
        Agent(arguments[0], cards).run()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass


if __name__ == "__main__":
    main()
