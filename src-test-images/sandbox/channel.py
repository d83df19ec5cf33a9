"""A small host's side of docs/reference/sandbox-channel.md, for tests of the guest's: strict about what comes, and slow on purpose where asked."""
import os
import select
import socket
import struct
import subprocess
import time

HELLO, PING, PONG, END, QUIESCE, QUIET, RESUME = 1, 2, 3, 4, 5, 6, 7
OPEN, STARTED, DATA, EOF, MORE, SIGNAL, RESIZE, RESET, INCOMING, ENDED = range(16, 26)
EXEC, UNPACK, PACK, CONNECT, LISTEN = 1, 2, 3, 4, 5
TERMINAL, MERGED, NO_STDIN = 1, 2, 4
BOUND = 262144


def text(value):
    value = value if isinstance(value, bytes) else value.encode()
    return struct.pack('>I', len(value)) + value


class Stream:
    def __init__(self, number):
        self.number = number
        self.started = self.ended = None
        self.incoming = []
        self.received = {1: bytearray(), 2: bytearray()}
        self.count = {1: 0, 2: 0}
        self.window = {1: BOUND, 2: BOUND}  # what the guest may still send
        self.closed = {1: False, 2: False}
        self.credit = BOUND  # what we may
        self.passed = {1: 0, 2: 0}
        self.grants = True
        self.keeps = True

    def out(self):
        return bytes(self.received[1])

    def err(self):
        return bytes(self.received[2])

    def status(self):
        return self.ended[:2] if self.ended else None


class Channel:
    def __init__(self, path, patience=60):
        end = time.time() + patience
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(path)
                break
            except OSError:
                self.socket.close()
                if time.time() > end:
                    raise
                time.sleep(0.02)
        self.socket.setblocking(False)
        self.buffer = bytearray()
        self.outgoing = bytearray()
        self.streams = {}
        self.next = 1
        self.pongs = []
        self.greeting = None
        self.quiet = False
        self.forgets = False  # after a second HELLO frames of the former streams may still come
        self.writes = True

    def send(self, kind, stream=0, payload=b'', channel=0):
        self.outgoing += struct.pack('>IBBHI', len(payload), kind, channel, 0, stream) + payload
        self.pump(0)

    def pump(self, timeout):
        """Moves what can be moved; waits up to the timeout for something to come."""
        ready = select.select([self.socket], [self.socket] if self.outgoing else [], [], timeout)
        if ready[1]:
            try:
                sent = self.socket.send(self.outgoing[:262144])
                del self.outgoing[:sent]
            except BlockingIOError:
                pass
        if ready[0]:
            got = self.socket.recv(1 << 20)
            if not got:
                raise EOFError('the machine has closed the port')
            self.buffer += got
            self.parse()

    def parse(self):
        at = 0
        while len(self.buffer) - at >= 12:
            size, kind, channel, zero, number = struct.unpack_from('>IBBHI', self.buffer, at)
            assert size <= 65536 and zero == 0, (size, kind, channel, zero, number)
            if len(self.buffer) - at < 12 + size:
                break
            self.frame(kind, channel, number, bytes(memoryview(self.buffer)[at + 12:at + 12 + size]))
            at += 12 + size
        del self.buffer[:at]

    def frame(self, kind, channel, number, payload):
        if kind == HELLO:
            self.greeting = payload
            return
        if self.forgets and self.greeting is None:
            return
        if kind == PONG:
            self.pongs.append(payload)
            return
        if kind == QUIET:
            self.quiet = True
            return
        stream = self.streams[number]
        assert stream.ended is None, 'a frame behind ENDED'
        if kind == STARTED:
            assert stream.started is None and len(payload) == 4
            stream.started, = struct.unpack('>I', payload)
        elif kind == DATA:
            assert stream.started is not None, 'DATA before STARTED'
            assert 0 < len(payload) <= stream.window[channel] and not stream.closed[channel]
            stream.window[channel] -= len(payload)
            stream.count[channel] += len(payload)
            if stream.keeps:
                stream.received[channel] += payload
            stream.passed[channel] += len(payload)
            if stream.grants and stream.passed[channel] >= 65536:
                self.grant(stream, channel)
        elif kind == EOF:
            assert not stream.closed[channel] and not payload
            stream.closed[channel] = True
        elif kind == MORE:
            more, = struct.unpack('>I', payload)
            assert more > 0 and stream.credit + more <= BOUND
            stream.credit += more
        elif kind == INCOMING:
            connection, = struct.unpack('>I', payload)
            self.streams[connection] = Stream(connection)
            self.streams[connection].started = 0
            stream.incoming.append(connection)
        elif kind == ENDED:
            how, zero, code, user, kernel, memory, took, size = struct.unpack_from('>BBHQQQQI', payload)
            assert zero == 0 and len(payload) == 40 + size
            stream.ended = (how, code, user, kernel, memory, took, payload[40:].decode())
        else:
            raise AssertionError(f'type {kind}')

    def grant(self, stream, channel):
        if stream.passed[channel]:
            stream.window[channel] += stream.passed[channel]
            payload = struct.pack('>I', stream.passed[channel])
            stream.passed[channel] = 0
            self.outgoing += struct.pack('>IBBHI', 4, MORE, channel, 0, stream.number) + payload

    def until(self, condition, timeout=30):
        end = time.time() + timeout
        while not condition():
            left = end - time.time()
            if left <= 0:
                raise TimeoutError
            self.pump(min(left, 1))

    def hello(self, lowest=1, highest=1, name='box'):
        nonce = os.urandom(16)
        self.greeting = None
        self.send(HELLO, 0, b'CNSB' + struct.pack('>HH', lowest, highest) + nonce + os.urandom(32) + text(name))
        self.until(lambda: self.greeting is not None, 60)
        assert self.greeting[8:] == nonce and self.greeting[:4] == b'CNSB', self.greeting
        return struct.unpack('>HH', self.greeting[4:8])

    def open(self, request, parts=1):
        stream = Stream(self.next)
        self.next += 1
        self.streams[stream.number] = stream
        size = max(1, (len(request) + parts - 1) // parts)
        pieces = [request[i:i + size] for i in range(0, len(request), size)]
        for piece in pieces[:-1]:
            self.send(OPEN, stream.number, piece, 1)
        self.send(OPEN, stream.number, pieces[-1])
        return stream

    def start(self, *arguments, flags=NO_STDIN, user='', directory='', variables=(), rows=24, columns=80, parts=1):
        return self.open(struct.pack('>BBHH', EXEC, flags, rows, columns) + text(user) + text(directory)
                         + struct.pack('>I', len(arguments)) + b''.join(map(text, arguments))
                         + struct.pack('>I', len(variables)) + b''.join(map(text, variables)), parts)

    def finish(self, stream, timeout=30):
        self.until(lambda: stream.ended, timeout)
        return stream

    def run(self, *arguments, timeout=30, **options):
        return self.finish(self.start(*arguments, **options), timeout)

    def feed(self, stream, data, end=True, timeout=60):
        """Sends as the window allows, and takes what comes meanwhile."""
        view, at = memoryview(data), 0
        limit = time.time() + timeout
        while at < len(view) and stream.ended is None:
            size = min(65536, stream.credit, len(view) - at)
            if size and len(self.outgoing) < 1 << 20:
                stream.credit -= size
                self.send(DATA, stream.number, view[at:at + size])
                at += size
            else:
                self.pump(1)
            if time.time() > limit:
                raise TimeoutError
        if end:
            self.send(EOF, stream.number)


class Machine:
    """An emulated one, of an image's directory, with a job disk made of files."""

    def __init__(self, image, work, kind, script=None, memory=512, accelerator='tcg'):
        os.makedirs(work, exist_ok=True)
        self.work, tree = work, os.path.join(work, 'tree')
        subprocess.run(['rm', '-rf', tree], check=True)
        os.makedirs(os.path.join(tree, 'bin'))
        with open(os.path.join(tree, 'construir.sandbox'), 'w') as file:
            file.write(kind + '\n')
        if script is not None:
            path = os.path.join(tree, 'bin', 'construir')
            with open(path, 'w') as file:
                file.write('#!/bin/sh\n' + script + '\n')
            os.chmod(path, 0o755)
        self.disk, self.port = os.path.join(work, 'disk'), os.path.join(work, 'port')
        self.console = os.path.join(work, 'console')
        for path in (self.disk, self.port, self.console):
            if os.path.exists(path):
                os.remove(path)
        subprocess.run(['mke2fs', '-q', '-t', 'ext2', '-d', tree, self.disk, '128M'], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(os.path.join(image, 'image.properties')) as file:
            properties = dict(line.rstrip('\n').split('=', 1) for line in file if '=' in line)
        arm = properties['architecture'] == 'aarch64'
        boot = []
        if os.path.exists(os.path.join(image, 'vmlinuz')):
            boot = ['-kernel', image + '/vmlinuz', '-initrd', image + '/initrd.img', '-append', properties['commandLine']]
        self.process = subprocess.Popen(
            (['qemu-system-aarch64', '-machine', 'virt', '-cpu', 'cortex-a57'] if arm
             else ['qemu-system-x86_64', '-machine', 'q35'] + ([] if accelerator == 'tcg' else ['-cpu', 'host']))
            + ['-nodefaults', '-no-user-config', '-accel', accelerator, '-m', str(memory), '-display', 'none', '-no-reboot',
               '-action', 'panic=exit-failure', '-serial', 'file:' + self.console, '-device', 'virtio-serial-pci', '-device', 'virtio-rng-pci',
               '-device', 'pvpanic-pci', '-drive', f'if=none,id=root,file={image}/{properties["disk"]},format=raw,snapshot=on',
               '-device', 'virtio-blk-pci,drive=root,bootindex=1', '-drive', f'if=none,id=job,file={self.disk},format=raw',
               '-device', 'virtio-blk-pci,drive=job,serial=job-0123456789ab',
               '-chardev', f'file,id=output,path={work}/output', '-device', 'virtserialport,chardev=output,name=dev.construir.output',
               '-chardev', f'socket,id=sandbox,path={self.port},server=on,wait=off',
               '-device', 'virtserialport,chardev=sandbox,name=dev.construir.sandbox'] + boot,
            stdin=subprocess.DEVNULL, stderr=open(os.path.join(work, 'qemu'), 'w'))

    def await_line(self, line, timeout=120):
        end = time.time() + timeout
        while time.time() < end and self.process.poll() is None:
            if os.path.exists(self.console) and line.encode() in open(self.console, 'rb').read():
                return
            time.sleep(0.02)
        raise TimeoutError(line + '\n' + open(self.console, errors='replace').read())

    def cpu_seconds(self):
        with open(f'/proc/{self.process.pid}/stat') as file:
            fields = file.read().rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def cat(self, path):
        return subprocess.run(['debugfs', '-R', 'cat ' + path, self.disk], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout

    def status(self):
        return ' '.join(self.cat('construir.status').decode(errors='replace').split())

    def end(self, timeout=60):
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return 'it did not end'
