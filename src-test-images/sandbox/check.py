#!/usr/bin/env python3
"""check.py IMAGE WORK [CASE...]: tests the guest's side of the sandbox channel with real machines. Prints lines as ../check does."""
import os
import stat
import struct
import sys
import time
import traceback

from channel import *

image, work = sys.argv[1:3]
selected = sys.argv[3:]
good = bad = 0


def expect(what, actual, expected):
    global good, bad
    if actual == expected:
        good += 1
        print('ok    sandbox: ' + what, flush=True)
    else:
        bad += 1
        print(f'FAIL  sandbox: {what}: {str(actual)[:300]!r} instead of {str(expected)[:300]!r}', flush=True)


def check(what, true, otherwise=''):
    expect(what, bool(true) or otherwise, True)


def programs(c):
    expect('true', c.run('/bin/true').status(), (0, 0))
    expect('false', c.run('false').status(), (0, 1))
    s = c.run('nothing-of-this-name')
    expect('not found', (s.status(), s.err()), ((0, 127), b'construir: nothing-of-this-name: not found\n'))
    s = c.run('/etc/hostname')
    expect('not executable', (s.status(), s.err()), ((0, 126), b'construir: /etc/hostname: not executable\n'))
    s = c.run('pwd', directory='/no/such')
    expect('no directory', (s.status(), s.err()), ((0, 126), b"construir: can't change to /no/such: No such file or directory\n"))
    s = c.run('pwd', user='nobody-here')
    expect('no user', (s.status(), s.err()), ((0, 126), b'construir: there is no user nobody-here\n'))
    s = c.run('sh', '-c', 'echo out; echo err >&2; pwd; exit 7')
    expect('output, stderr apart', (s.status(), s.out(), s.err()), ((0, 7), b'out\n/job\n', b'err\n'))
    s = c.run('sh', '-c', 'echo out; echo err >&2', flags=NO_STDIN | MERGED)
    expect('output together', (s.out(), s.err()), (b'out\nerr\n', b''))
    s = c.run('sh', '-c', 'kill -SEGV $$')
    expect('killed by a signal', s.status(), (1, 11))
    s = c.run('sh', '-c', 'echo $A-$B-$HOME-$TERM-$CONSTRUIR; env | grep -c ^TERM=', variables=['A=1', 'TERM=xterm', 'B=two words'])
    expect('variables', s.out(), b'1-two words-/root-xterm-1\n1\n')
    c.run('sh', '-c', 'printf "u:x:77:78:U:/tmp:/bin/ash\\n" >>/etc/passwd; printf "u:x:78:\\nv:x:80:a,u,b\\n" >>/etc/group')
    s = c.run('sh', '-c', 'id -u; id -g; id -G; echo $HOME $USER $LOGNAME $SHELL; echo by name >/dev/stdout', user='u')
    expect('a user', s.out(), b'77\n78\n78 80\n/tmp u u /bin/ash\nby name\n')
    s = c.run('sh', '-c', 'id -u; id -g; id -G; echo $HOME $USER', user='1001:1002')
    expect('a number for a user', s.out(), b'1001\n1002\n1002\n/ 1001\n')
    s = c.run('sh', '-c', 'echo echo by a shell '"'$0 $1'"' >/tmp/s; chmod 755 /tmp/s')
    s = c.run('/tmp/s', 'x')
    expect('text without #!', (s.status(), s.out()), ((0, 0), b'by a shell /tmp/s x\n'))
    s = c.run('sh', '-c', 'set -- /proc/[0-9]*; echo $#; ulimit -n; cat /proc/self/oom_score_adj; cut -d" " -f 4 /proc/$$/stat; ls /proc/self/fd | wc -l')
    expect('sees itself and process 1 only', s.out().split(), [b'2', b'1024', b'0', b'0', b'4'])
    s = c.start('sh', '-c', 'echo $$; sleep 0.3')
    c.finish(s)
    expect('its number', int(s.out()), s.started)
    many = ['x' * 1000] * 1500
    s = c.run('sh', '-c', 'echo $#', *many, parts=30)
    expect('a request in parts', s.out(), b'1499\n')
    s = c.start('sh', '-c', 'sleep 60 & echo started')
    expect('a daemon is not waited for', (c.finish(s, 10).status(), s.out()), ((0, 0), b'started\n'))
    s = c.run('sh', '-c', 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done')
    check('usage', s.ended[2] > 10000 and s.ended[4] > 100000 and s.ended[5] >= s.ended[2], s.ended)
    begun = time.time()
    for _ in range(100):
        c.run('/bin/true')
    check(f'100 programs in {time.time() - begun:.2f} s', True)
    several = [c.start('sh', '-c', f'echo {i}; exit {i}') for i in range(40)]
    expect('40 at once', [(c.finish(s).status(), s.out()) for s in several], [((0, i), b'%d\n' % i) for i in range(40)])


def input_(c):
    data = os.urandom(5 << 20)
    s = c.start('cat', flags=0)
    c.feed(s, data)
    c.finish(s)
    check('5 MiB through cat', s.out() == data and s.status() == (0, 0), (len(s.out()), s.status()))
    s = c.start('cat', flags=0)
    c.feed(s, b'', True)
    expect('empty input', (c.finish(s).status(), s.out()), ((0, 0), b''))
    s = c.start('sh', '-c', 'exec <&-; sleep 0.5; echo end', flags=0)
    c.feed(s, bytes(2 << 20))
    expect('input that nobody reads any more', (c.finish(s).status(), s.out()), ((0, 0), b'end\n'))
    s = c.start('sleep', '60', flags=0)
    s.credit -= BOUND
    for _ in range(4):
        c.send(DATA, s.number, bytes(65536))
    expect('another one while an input is stuck', c.run('echo', 'x').out(), b'x\n')
    expect('no window for it', s.credit < BOUND, True)
    c.send(RESET, s.number)
    expect('reset', c.finish(s).status(), (1, 9))


def terminals(c):
    s = c.run('sh', '-c', 'tty; stty size; echo err >&2; ps -o tty,comm | grep -q pts; cat </dev/tty >/dev/null & kill $!; exit 4', flags=TERMINAL, rows=33, columns=99)
    expect('a terminal', (s.status(), s.out()), ((0, 4), b'/dev/pts/0\r\n33 99\r\nerr\r\n'))
    s = c.start('sh', flags=TERMINAL, variables=['PS1=$ '])
    c.until(lambda: b'$ ' in s.out())
    c.send(RESIZE, s.number, struct.pack('>HH', 50, 120))
    s.received[1].clear()
    c.send(DATA, s.number, b'stty size; trap "echo interrupted" INT; sleep 60\n')
    c.until(lambda: b'50 120\r\n' in s.out())
    time.sleep(0.5)
    c.send(DATA, s.number, b'\x03')
    c.until(lambda: b'$ ' in s.out().partition(b'interrupted\r\n')[2])
    c.send(EOF, s.number)
    check('resized, interrupted, ended by EOF', c.finish(s).ended[0] == 0, s.ended)
    s = c.run('sh', '-c', 'i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done', flags=TERMINAL)
    expect('the last of a terminal', s.out().split()[-1], b'2999')
    s = c.start('sh', '-c', 'exec 0<&- 1>&- 2>&-; sleep 3; exit 7', flags=TERMINAL)
    c.until(lambda: s.started)
    time.sleep(0.5)
    before = c.machine.cpu_seconds()
    expect('a terminal that nobody has open is not hung up', c.finish(s).status(), (0, 7))
    check('and is not polled without a pause', c.machine.cpu_seconds() - before < 1, c.machine.cpu_seconds() - before)
    s = c.start('sh', '-c', 'echo first; exec 0<&- 1>&- 2>&-; sleep 1; read x </dev/tty; echo got $x >/dev/tty; sleep 0.5; exit 7', flags=TERMINAL)
    c.until(lambda: b'first' in s.out())
    time.sleep(0.5)
    c.send(DATA, s.number, b'typed\n')
    c.send(EOF, s.number)
    expect('it can be opened again', (c.finish(s).status(), s.out().split(b'\r\n')[-2]), ((0, 7), b'got typed'))
    s = c.start('sh', '-c', 'exec 0<&- 1>&- 2>&-; sleep 60', flags=TERMINAL)
    c.until(lambda: s.started)
    time.sleep(0.5)
    c.send(RESET, s.number)
    expect('its reset', c.finish(s).status(), (1, 9))


def signals(c):
    s = c.start('sleep', '60')
    c.send(SIGNAL, s.number, b'\x0f')
    expect('a signal at once', c.finish(s).status(), (1, 15))
    s = c.start('sh', '-c', 'trap "echo got it; exit 3" USR1; echo ready; while :; do sleep 0.1; done')
    c.until(lambda: s.out() == b'ready\n')
    c.send(SIGNAL, s.number, b'\x0a')
    expect('a signal that is caught', (c.finish(s).status(), s.out()), ((0, 3), b'ready\ngot it\n'))
    s = c.start('yes')
    c.until(lambda: s.count[1] > 1 << 20)
    c.send(RESET, s.number)
    expect('reset of what prints', c.finish(s).status(), (1, 9))
    expect('its end', c.run('pidof', 'yes').status(), (0, 1))


def output(c):
    s = c.start('dd', 'if=/dev/zero', 'bs=64k', 'count=1024')
    s.keeps = False
    begun = time.time()
    c.finish(s, 60)
    expect(f'64 MiB of output in {time.time() - begun:.2f} s', s.count[1], 64 << 20)
    s = c.start('sh', '-c', 'yes | head -c 3000000; echo last >&2')
    s.grants = False
    c.until(lambda: s.count[1] == BOUND)
    flood = c.start('sh', '-c', 'yes & exec yes no >&2')
    flood.keeps = flood.grants = False
    c.until(lambda: flood.count[1] == flood.count[2] == BOUND)
    begun = time.time()
    expect('another one while nobody reads', [c.run('echo', 'x').out() for _ in range(20)], [b'x\n'] * 20)
    n = len(c.pongs)
    for i in range(20):
        c.send(PING, 0, b'%d' % i)
    c.until(lambda: len(c.pongs) == n + 20)
    expect('pongs in order', c.pongs[n:], [b'%d' % i for i in range(20)])
    expect('nothing beyond the window', (s.count[1], flood.count[1], s.ended), (BOUND, BOUND, None))
    c.send(RESET, flood.number)
    c.finish(flood)
    s.grants = True
    c.grant(s, 1)
    expect('all of it in the end', (c.finish(s).status(), s.count[1], s.err()), ((0, 0), 3000000, b'last\n'))
    c.run('sh', '-c', 'kill -9 $(pidof yes)')
    s = c.start('sh', '-c', 'yes | head -c 60000')
    s.grants = False
    expect('the end comes behind the output', (c.finish(s).count[1], s.closed[1]), (60000, True))


def tree(*entries):
    """Entries are (type, mode, path, content or target[, major, minor])."""
    out = b''
    for kind, mode, path, content, *numbers in entries:
        major, minor = numbers or (0, 0)
        target = content if kind in (3, 4) else b''
        out += struct.pack('>B3xIIIqIII', kind, mode, 12, 34, 1000000000, 123456789, major, minor) + text(path) + text(target)
        if kind == 2:
            out += struct.pack('>Q', sum(4096 * piece if isinstance(piece, int) else len(piece) for piece in content))
            for piece in content:
                if isinstance(piece, int):
                    out += struct.pack('>I', 0x80000000 | piece)
                else:
                    for i in range(0, len(piece), 1 << 20):
                        out += struct.pack('>I', len(piece[i:i + (1 << 20)])) + piece[i:i + (1 << 20)]
    return out + b'\0'


def parse_tree(data):
    entries, at = {}, 0
    while data[at]:
        kind, mode, user, group, seconds, fraction, major, minor = struct.unpack_from('>B3xIIIqIII', data, at)
        at += 36
        names = []
        for _ in range(2):
            size, = struct.unpack_from('>I', data, at)
            names.append(data[at + 4:at + 4 + size])
            at += 4 + size
        content, holes, size = bytearray(), 0, 0
        if kind == 2:
            size, = struct.unpack_from('>Q', data, at)
            at += 8
        while len(content) < size:
            piece, = struct.unpack_from('>I', data, at)
            at += 4
            if piece >> 31:
                holes += piece & 0x7fffffff
                content += bytes((piece & 0x7fffffff) * 4096)
            else:
                content += data[at:at + piece]
                at += piece
        del content[size:]
        assert names[0] not in entries
        entries[names[0]] = (kind, mode, user, group, seconds, fraction, major, minor, names[1], bytes(content), holes)
    assert at == len(data) - 1, 'something behind the end'
    return entries


def trees(c):
    big = os.urandom(3 << 20)
    sent = tree((1, 0o755, b'', b''), (2, 0o4755, b'program', [b'#!/bin/sh\n']), (1, 0o1777, b'dir', b''), (2, 0o600, b'dir/empty', []),
                (2, 0o644, b'dir/big', [big]), (2, 0o644, b'dir/holes', [b'a' * 4096, 256, b'b' * 8192, 512]), (3, 0o777, b'link', b'dir/big'),
                (4, 0o644, b'second', b'dir/big'), (7, 0o640, b'fifo', b''), (5, 0o666, b'null', b'', 1, 3), (6, 0o600, b'disk', b'', 253, 7),
                (1, 0o555, b'dir/sealed', b''), (2, 0o444, b'dir/sealed/in', [b'x']), (3, 0o777, 'ümlaut'.encode(), b'/no/where'),
                (2, 0o644, b'dir/' + b'n' * 255, [b'long']))
    s = c.open(bytes([UNPACK]) + text('/tmp/a/b/tree'))
    c.feed(s, sent)
    expect('UNPACK', (c.finish(s).status(), s.err()), ((0, 0), b''))
    s = c.run('sh', '-c', 'cd /tmp/a/b/tree; stat -c "%n %A %u %g %h %Y" program dir link second fifo null dir/sealed .; stat -c "%t %T" null; readlink link; sha256sum <dir/big | cut -c 1-8')
    import hashlib
    expect('what was made', s.out().decode(), '''program -rwsr-xr-x 12 34 1 1000000000
dir drwxrwxrwt 12 34 3 1000000000
link lrwxrwxrwx 12 34 1 1000000000
second -rw-r--r-- 12 34 2 1000000000
fifo prw-r----- 12 34 1 1000000000
null crw-rw-rw- 12 34 1 1000000000
dir/sealed dr-xr-xr-x 12 34 2 1000000000
. drwxr-xr-x 12 34 3 1000000000
1 3
dir/big
%s
''' % hashlib.sha256(big).hexdigest()[:8])
    s = c.run('sh', '-c', 'du -k /tmp/a/b/tree/dir/holes | cut -f 1')
    check('holes are holes', int(s.out()) <= 24, s.out())
    s = c.open(bytes([PACK]) + text('/tmp/a/b/tree'))
    expect('PACK', (c.finish(s).status(), s.err()), ((0, 0), b''))
    packed, original = parse_tree(s.out()), parse_tree(sent)
    for entries in (packed, original):  # which of two names comes first is the directory's affair
        names = sorted(name for name, entry in entries.items() if name in (b'second', b'dir/big'))
        file = next(entries[name] for name in names if entries[name][0] == 2)
        for name in names:
            assert entries[name][0] == 2 or entries[name][8] in names
            entries[name] = file
        entries[b'link'] = entries[b'link'][:1] + (0o777,) + entries[b'link'][2:]
    expect('PACK: names', sorted(packed), sorted(original))
    for name in sorted(original):
        if packed.get(name) != original[name]:
            expect('PACK: ' + repr(name)[:40], packed.get(name)[:9], original[name][:9])
            expect('PACK: content and holes of ' + repr(name)[:40], (packed[name][9] == original[name][9], packed[name][10]), (True, original[name][10]))
    again = tree((1, 0o700, b'', b''), (2, 0o600, b'link', [b'no link']), (1, 0o711, b'dir', b''), (2, 0o600, b'second', [b'cut']))
    s = c.open(bytes([UNPACK]) + text('/tmp/a/b/tree'))
    c.feed(s, again)
    expect('UNPACK over what is there', (c.finish(s).status(), s.err()), ((0, 0), b''))
    s = c.run('sh', '-c', 'cd /tmp/a/b/tree; cat link second; stat -c %A . program dir; ls dir | wc -l; sha256sum <dir/big | cut -c 1-8')
    expect('what has become of it', s.out().decode(), 'no linkcutdrwx------\n-rwsr-xr-x\ndrwx--x--x\n5\n' + hashlib.sha256(big).hexdigest()[:8] + '\n')
    c.run('sh', '-c', 'cd /tmp/a/b/tree; mkdir hollow; ln -s dir to-dir')
    s = c.open(bytes([UNPACK]) + text('/tmp/a/b/tree'))
    c.feed(s, tree((1, 0o700, b'', b''), (2, 0o600, b'dir', [b'a file']), (3, 0o777, b'hollow', b'dir'), (2, 0o600, b'missing/x', [b'y']),
                   (1, 0o755, b'program', b''), (2, 0o644, b'program/x', [b'y']), (1, 0o755, b'to-dir', b''), (2, 0o644, b'fine', [b'z'])))
    only = b': a directory is there, which only a directory can be copied to\n'
    expect('UNPACK: errors', (c.finish(s).status(), s.err()), ((0, 1), b'construir: /tmp/a/b/tree/dir' + only + b'construir: /tmp/a/b/tree/hollow' + only
                                                              + b'construir: /tmp/a/b/tree/missing/x: No such file or directory\n'
                                                              b'construir: /tmp/a/b/tree/program: Not a directory\n'
                                                              b'construir: /tmp/a/b/tree/program/x: Not a directory\n'
                                                              b'construir: /tmp/a/b/tree/to-dir: Not a directory\n'))
    expect('UNPACK: the rest', c.run('cat', '/tmp/a/b/tree/fine').out(), b'z')
    s = c.open(bytes([UNPACK]) + text('/dev/shm/small'))
    c.run('sh', '-c', 'mkdir /dev/shm/small; mount -t tmpfs -o size=1m none /dev/shm/small')
    c.feed(s, tree((2, 0o600, b'x', [bytes(1 << 20), os.urandom(5 << 20)])))
    expect('UNPACK: full', (c.finish(s).status(), s.err()),
           ((0, 1), b'construir: /dev/shm/small/x: No space left on device (the disk is full, or has no inodes left)\n'))
    s = c.open(bytes([UNPACK]) + text('/tmp/a/b/tree'))
    c.feed(s, b'\xff' + bytes(100))
    expect('UNPACK: no tree', (c.finish(s).status(), s.err()), ((0, 1), b'construir: the tree is broken: there is no such entry\n'))
    s = c.open(bytes([UNPACK]) + text('/tmp/one/file'))
    c.feed(s, tree((2, 0o640, b'', [b'alone'])))
    expect('UNPACK of one file', (c.finish(s).status(), s.err(), c.run('cat', '/tmp/one/file').out()), ((0, 0), b'', b'alone'))
    c.run('mkdir', '/tmp/one/hollow')
    s = c.open(bytes([UNPACK]) + text('/tmp/one/hollow'))
    c.feed(s, tree((2, 0o640, b'', [b'alone'])))
    expect('UNPACK of one file to a directory', (c.finish(s).status(), s.err(), c.run('ls', '-d', '/tmp/one/hollow/.').out()),
           ((0, 1), b'construir: /tmp/one/hollow' + only, b'/tmp/one/hollow/.\n'))
    s = c.open(bytes([PACK]) + text('/tmp/one/file'))
    entry = parse_tree(c.finish(s).out())
    expect('PACK of one file', (list(entry), entry[b''][:4], entry[b''][9]), ([b''], (2, 0o640, 12, 34), b'alone'))
    s = c.open(bytes([PACK]) + text('/no/such'))
    expect('PACK of nothing', (c.finish(s).status(), s.out(), s.err()), ((0, 1), b'', b'construir: /no/such: No such file or directory\n'))
    s = c.open(bytes([PACK]) + text('/proc/version'))
    expect('PACK: a file that says it is empty', parse_tree(c.finish(s).out())[b''][9][:14], b'Linux version ')
    s = c.open(bytes([PACK]) + text('/sys/kernel/mm/transparent_hugepage' if c.run('ls', '/sys/kernel/mm/transparent_hugepage').status() == (0, 0) else '/sys/block/vda/queue'))
    entries = parse_tree(c.finish(s, 60).out())
    check('PACK: files that say they have a page', not any(b'\0' in entry[9] for entry in entries.values()), entries)
    s = c.open(bytes([PACK]) + text('/proc/kallsyms'))
    expect('PACK: one without a size that is too large', (c.finish(s, 60).status(), s.out(), s.err()),
           ((0, 1), b'', b'construir: /proc/kallsyms: it does not say how large it is, and has more than 1 MiB\n'))
    s = c.open(bytes([PACK]) + text('/proc/kmsg'))
    expect('PACK: one that waits', (c.finish(s).status(), s.err()), ((0, 1), b'construir: /proc/kmsg: Resource temporarily unavailable\n'))
    s = c.open(bytes([PACK]) + text('/'))
    entries = parse_tree(c.finish(s).out())
    check('PACK of the root', s.status() == (0, 0) and b'bin/busybox' in entries and not [n for n in entries if n.startswith((b'proc/', b'sys/'))], (s.ended, s.err()))
    c.run('sh', '-c', 'mkdir /dev/shm/t; dd if=/dev/zero of=/dev/shm/t/x bs=1M count=64')
    s = c.open(bytes([PACK]) + text('/dev/shm/t'))
    s.keeps = False
    begun = time.time()
    c.finish(s, 60)
    expect(f'PACK of 64 MiB in {time.time() - begun:.2f} s', (s.status(), s.count[1] > 64 << 20), ((0, 0), True))
    content = tree((1, 0o755, b'', b''), *[(2, 0o644, b'f%d' % i, [b'x' * 100]) for i in range(2000)])
    begun = time.time()
    s = c.open(bytes([UNPACK]) + text('/dev/shm/many'))
    c.feed(s, content)
    c.finish(s)
    expect(f'UNPACK of 2,000 files in {time.time() - begun:.2f} s', s.status(), (0, 0))


def connections(c):
    server = c.start('sh', '-c', 'nc -l -p 7001 -e cat')
    time.sleep(0.5)
    data = os.urandom(1 << 20)
    s = c.open(bytes([CONNECT]) + struct.pack('>H', 7001))
    c.feed(s, data)
    check('CONNECT', c.finish(s).status() == (0, 0) and s.out() == data, (s.ended, len(s.out())))
    c.finish(server)
    s = c.open(bytes([CONNECT]) + struct.pack('>H', 7002))
    expect('CONNECT: nobody there', (c.finish(s).ended[0], s.ended[6], s.started), (2, "can't connect: Connection refused", None))
    s = c.open(bytes([LISTEN]) + struct.pack('>H', 0))
    c.until(lambda: s.started)
    client = c.start('sh', '-c', f'echo hello from the guest | nc 127.0.0.1 {s.started}')
    c.until(lambda: s.incoming)
    connection = c.streams[s.incoming[0]]
    c.until(lambda: connection.out() == b'hello from the guest\n')
    c.send(DATA, connection.number, b'hello from the host\n')
    c.send(EOF, connection.number)
    c.finish(client)
    expect('LISTEN', (client.out(), c.finish(connection).status()), (b'hello from the host\n', (0, 0)))
    second = c.open(bytes([LISTEN]) + struct.pack('>H', s.started))
    expect('LISTEN: taken', (c.finish(second).ended[0], second.ended[6]), (2, "can't listen: Address already in use"))
    many = c.start('sh', '-c', f'for i in $(seq 80); do sleep 60 | nc 127.0.0.1 {s.started} & done; wait')
    c.until(lambda: len(s.incoming) == 65, 60)
    time.sleep(1)
    c.pump(0)
    expect('no more connections than the host bears', len(s.incoming), 65)
    for number in s.incoming[1:11]:
        c.send(RESET, number)
    c.until(lambda: len(s.incoming) == 75, 60)
    c.send(RESET, many.number)
    c.send(RESET, s.number)
    expect('LISTEN: its end', c.finish(s).status(), (0, 0))
    c.finish(many)


def bounds(c):
    waiting = [c.start('sleep', '600') for _ in range(10)]
    opening = []
    for _ in range(1030):
        stream = c.open(bytes([LISTEN]) + struct.pack('>H', 0))
        opening.append(stream)
    c.until(lambda: all(s.started or s.ended for s in opening), 60)
    check('too many streams', any(s.ended and s.ended[:2] == (2, 24) for s in opening), [s.ended for s in opening[-3:]])
    for s in opening + waiting:
        c.send(RESET, s.number)
    c.until(lambda: all(s.ended for s in opening + waiting), 60)
    expect('and all is well again', c.run('echo', 'x').out(), b'x\n')
    bomb = c.start('sh', '-c', 'f() { f 2>/dev/null | f 2>/dev/null & }; f; sleep 60')
    time.sleep(3)
    c.pump(0)
    n = len(c.pongs)
    c.send(PING)
    c.until(lambda: len(c.pongs) > n, 60)
    check('a fork bomb does not stop the agent', True)
    s = c.start('sh', '-c', ':')
    c.finish(s, 60)


def again(c):
    goes_on = c.start('sh', '-c', 'cat >/tmp/read; yes | head -c 1000000; echo end >/tmp/ended', flags=0)
    c.send(DATA, goes_on.number, b'input')
    c.until(lambda: goes_on.started)
    counts = c.start('sh', '-c', 'i=0; while [ $i -lt 20 ]; do echo $i; i=$((i+1)); sleep 0.1; done')
    c.until(lambda: counts.count[1])
    c.send(QUIESCE)
    c.until(lambda: c.quiet)
    had = counts.count[1]
    time.sleep(0.5)
    c.pump(0)
    expect('silence of what prints', counts.count[1], had)
    c.send(RESUME)
    expect('RESUME loses nothing', (c.finish(counts).status(), counts.out().split()), ((0, 0), [b'%d' % i for i in range(20)]))
    c.quiet = False
    c.send(QUIESCE)
    c.until(lambda: c.quiet)
    c.send(PING)  # crosses
    time.sleep(0.5)
    expect('silence', bytes(c.buffer), b'')
    c.forgets = True
    expect('HELLO of another version', c.hello(2, 9), (0, 1))
    expect('HELLO again', c.hello(1, 3, 'again'), (1, 0))
    c.streams.clear()
    c.next = 1
    s = c.run('sh', '-c', 'until [ -e /tmp/ended ]; do sleep 0.1; done; cat /tmp/read; hostname')
    expect('what ran goes on', s.out(), b'inputagain\n')


def last(c, machine):
    c.run('sh', '-c', 'echo kept >/job/kept')
    c.start('yes').keeps = False
    c.send(END)
    expect('END ends the machine', machine.end(), 0)
    expect('the status', machine.status(), 'run=job-0123456789ab state=ended exit=0')
    expect('what was written', machine.cat('kept'), b'kept\n')
    expect('the log is empty', machine.cat('construir.log'), b'')


def serial_lines(machine):
    return [line for line in open(machine.console, errors='replace').read().replace('\r', '').split('\n') if line.startswith('construir')]


def sandbox():
    machine = Machine(image, work + '/sandbox', 'sandbox')
    try:
        c = Channel(machine.port)
        c.machine = machine
        machine.await_line('construir: started')
        expect('HELLO', c.hello(), (1, 0))
        for case in (programs, input_, terminals, signals, output, trees, connections, again, bounds):
            if not {case.__name__, 'sandbox'}.isdisjoint(selected or ['sandbox']):
                case(c)
        if not {'bounds', 'sandbox'}.isdisjoint(selected or ['sandbox']):  # the bomb goes on
            c.send(END)
            expect('END of a fork bomb', machine.end(120), 0)
            expect('its status', machine.status(), 'run=job-0123456789ab state=ended exit=0')
    finally:
        machine.process.kill()


def ends():
    machine = Machine(image, work + '/end', 'sandbox')
    try:
        machine.await_line('construir: started')
        c = Channel(machine.port)
        c.hello()
        s = c.start('sleep', '600')
        c.until(lambda: s.started)
        c.socket.close()
        time.sleep(0.3)
        c = Channel(machine.port)
        expect('another connection', (c.hello(), c.run('pidof', 'sleep').status()), ((1, 0), (0, 0)))
        s = c.run('sh', '-c', 'cat /dev/zero >/job/full; echo $?')
        expect('a full disk', s.out(), b'1\n')
        c.run('rm', '/job/full')
        last(c, machine)
        expect('lines on the console', serial_lines(machine), ['construir: ready', 'construir: started job-0123456789ab', 'construir: ended job-0123456789ab'])
    finally:
        machine.process.kill()


def broken():
    machine = Machine(image, work + '/broken', 'sandbox')
    try:
        c = Channel(machine.port)
        c.send(PING)
        expect('who breaks the rules ends the machine', machine.end(), 0)
        expect('without a status', machine.status(), 'run=job-0123456789ab state=started')
        check('and is told', any('breaks the rules' in line for line in serial_lines(machine)), serial_lines(machine))
    finally:
        machine.process.kill()
    machine = Machine(image, work + '/broken', 'sandbox')
    try:
        c = Channel(machine.port)
        c.hello()
        c.start('poweroff', '-f')
        expect('poweroff in there', (machine.end(), machine.status()), (0, 'run=job-0123456789ab state=started'))
    finally:
        machine.process.kill()
    machine = Machine(image, work + '/broken', 'nonsense')
    try:
        expect('an unknown kind', (machine.end(), machine.status()), (0, ''))
    finally:
        machine.process.kill()


def failures():
    machine = Machine(image, work + '/failure', 'on-failure', 'echo printed; touch /tmp/by-the-job; sleep 60 & exit 3')
    try:
        machine.await_line('construir: failed')
        c = Channel(machine.port)
        c.hello()
        expect('after a job that failed', c.run('cat', '/tmp/by-the-job', '/job/construir.log').out(), b'printed\n')
        expect('its processes are gone', c.run('pidof', 'sleep').status(), (0, 1))
        c.run('sh', '-c', 'rm /job/construir.status; printf "run=x\\nstate=ended\\nexit=0\\n" >/job/construir.status')
        c.send(END)
        expect('the end', (machine.end(), machine.status()), (0, 'run=job-0123456789ab state=ended exit=3'))
        expect('lines on the console', serial_lines(machine),
               ['construir: ready', 'construir: started job-0123456789ab', 'construir: failed job-0123456789ab', 'construir: ended job-0123456789ab'])
    finally:
        machine.process.kill()
    machine = Machine(image, work + '/failure', 'on-failure', 'exit 0')
    try:
        expect('after a job that did not', (machine.end(), machine.status()), (0, 'run=job-0123456789ab state=ended exit=0'))
    finally:
        machine.process.kill()


for part in (sandbox, ends, broken, failures):
    if selected and part.__name__ not in selected and not (part is sandbox and not {'ends', 'broken', 'failures'} & set(selected)):
        continue
    try:
        part()
    except Exception:
        bad += 1
        print('FAIL  sandbox: ' + part.__name__ + ': ' + traceback.format_exc(), flush=True)
        for name in ('sandbox', 'end', 'broken', 'failure'):
            path = f'{work}/{name}/console'
            if os.path.exists(path):
                print('---- console:', open(path, errors='replace').read()[-600:])
print(f'{good} passed, {bad} failed')
sys.exit(bad > 0)
