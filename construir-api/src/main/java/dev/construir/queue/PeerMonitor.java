package dev.construir.queue;

import dev.construir.ownership.ProcessIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices which other processes that serve a queue have stopped: their heartbeats stay as they are. This process's
 * monotonic clock measures how long, from look to look, and a late look counts no more than one in time: when all
 * processes were stopped together, the first to go on must not take the others for stopped. Safe for use by many
 * threads.
 */
final class PeerMonitor {
    private static final Logger LOG = LoggerFactory.getLogger(PeerMonitor.class);
    private static final Pattern OWNER = Pattern.compile("(\\d{1,10}-\\d{1,19})-.+");
    private static final int LATEST_LOOK = 2;
    private static final long TOLD_AGAIN = Duration.ofMinutes(10).toNanos();
    private static final int MOST_NAMED = 5;

    private final Path running;
    private final Supplier<Path> own;
    private final Duration period;
    private final Executor log;
    private final String boot = Heartbeat.thisBoot();

    // guarded by this
    private final Map<Path, Peer> peers = new HashMap<>();
    private long looked = System.nanoTime();

    /** What is known of another process. */
    private static final class Peer {
        private final ProcessIdentity process;
        private HeartbeatFile.BeatStamp stamp;
        private Optional<Heartbeat> last;
        private long silent; // nanoseconds
        private long reported = -1; // how long it had been silent when that was last logged

        Peer(ProcessIdentity process, HeartbeatFile.BeatStamp stamp) {
            this.process = process;
            this.stamp = stamp;
            this.last = stamp.heartbeat();
        }

        String host() {
            return last.map(Heartbeat::host).orElse("a host unknown");
        }
    }

    /**
     * Creates a monitor.
     *
     * @param running the directory of all processes' directories
     * @param own returns this process's directory in it
     * @param period how often this looks
     * @param log writes log lines without making this wait
     */
    PeerMonitor(Path running, Supplier<Path> own, Duration period, Executor log) {
        this.running = running;
        this.own = own;
        this.period = period;
        this.log = log;
    }

    /** Looks at all heartbeats, and reports who has stopped and who goes on. */
    void look(long now) {
        Map<Path, HeartbeatFile.BeatStamp> here;
        try {
            here = read();
        } catch (IOException e) {
            // a claim reports that the directory is missing
            log.execute(() -> LOG.debug("cannot look at the other watchers", e));
            return;
        }
        synchronized (this) {
            long step = Math.min(now - looked, LATEST_LOOK * period.toNanos());
            looked = now;
            peers.keySet().retainAll(here.keySet());
            here.forEach((path, stamp) -> update(path, stamp, step));
        }
    }

    private Map<Path, HeartbeatFile.BeatStamp> read() throws IOException {
        Map<Path, HeartbeatFile.BeatStamp> stamps = new HashMap<>();
        try (DirectoryStream<Path> owners = Files.newDirectoryStream(running)) {
            for (Path owner : owners) {
                if (OWNER.matcher(owner.getFileName().toString()).matches() && !owner.equals(own.get())) {
                    read(owner).ifPresent(stamp -> stamps.put(owner, stamp));
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return stamps;
    }

    private Optional<HeartbeatFile.BeatStamp> read(Path owner) {
        try {
            return HeartbeatFile.read(owner);
        } catch (IOException e) {
            log.execute(() -> LOG.debug("cannot read the heartbeat in {}", owner, e)); // another user's, for example
            return Optional.empty();
        }
    }

    private void update(Path path, HeartbeatFile.BeatStamp stamp, long step) {
        Peer peer = peers.get(path);
        if (peer == null) {
            Matcher name = OWNER.matcher(path.getFileName().toString());
            if (name.matches()) {
                ProcessIdentity.parse(name.group(1)).ifPresent(process -> peers.put(path, new Peer(process, stamp)));
            }
        } else if (!peer.stamp.equals(stamp)) {
            if (peer.reported >= 0) {
                String host = peer.host();
                String time = span(peer.silent);
                log.execute(() -> LOG.warn(
                        "the watcher with process id {} on {} continues after {} without a sign of life",
                        peer.process.pid(),
                        host,
                        time));
            }
            peer.stamp = stamp;
            peer.last = stamp.heartbeat().or(() -> peer.last);
            peer.silent = 0;
            peer.reported = -1;
        } else {
            peer.silent += step;
            if (isSilent(peer) && (peer.reported < 0 || peer.silent - peer.reported >= TOLD_AGAIN)) {
                peer.reported = peer.silent;
                report(peer, jobs(path));
            }
        }
    }

    private void report(Peer peer, List<String> jobs) {
        String named = String.join(", ", jobs.subList(0, Math.min(MOST_NAMED, jobs.size())))
                + (jobs.size() > MOST_NAMED ? ", ..." : "");
        String held = jobs.isEmpty() ? "no job" : jobs.size() + (jobs.size() == 1 ? " job: " : " jobs: ") + named;
        String host = peer.host();
        String time = span(peer.silent);
        log.execute(() -> LOG.warn(
                "the watcher with process id {} on {} has shown no sign of life for {} and holds {}. "
                        + "Continue it (kill -CONT {}), end it"
                        + " (kill -KILL {}), or start watchers with --take-over-after",
                peer.process.pid(),
                host,
                time,
                SkippedEntryLog.line(held),
                peer.process.pid(),
                peer.process.pid()));
    }

    private static String span(long nanos) {
        long seconds = Duration.ofNanos(nanos).toSeconds();
        return seconds < 120 ? seconds + " s" : seconds / 60 + " min";
    }

    private boolean isSilent(Peer peer) {
        return peer.silent >= threshold(peer) && !isDead(peer);
    }

    private long threshold(Peer peer) {
        Duration theirs = peer.last.map(Heartbeat::period).orElse(period);
        return (theirs.compareTo(period) > 0 ? theirs : period)
                .multipliedBy(QueueOptions.MISSED_BEATS)
                .toNanos();
    }

    /**
     * Returns whether it is certainly dead, which only a process of this host and namespace can be. {@link
     * ClaimTakeover} takes what the dead leave.
     */
    private boolean isDead(Peer peer) {
        return !boot.isEmpty()
                && peer.last.filter(heartbeat -> heartbeat.boot().equals(boot)).isPresent()
                && !peer.process.isAlive();
    }

    /** Returns the processes that have stopped. */
    List<SilentWatcher> silent() {
        return silent(Duration.ZERO).entrySet().stream()
                .map(entry -> new SilentWatcher(
                        entry.getValue().pid(),
                        entry.getValue().host(),
                        entry.getValue().silent(),
                        jobs(entry.getKey())))
                .toList();
    }

    /** Returns the directories of processes that have been silent for at least so long. */
    synchronized Map<Path, SilentWatcher> silent(Duration least) {
        Map<Path, SilentWatcher> silent = new HashMap<>();
        peers.forEach((path, peer) -> {
            Duration time = Duration.ofNanos(peer.silent);
            if (time.compareTo(least) >= 0 && isSilent(peer)) {
                silent.put(path, new SilentWatcher(peer.process.pid(), peer.host(), time, List.of()));
            }
        });
        return silent;
    }

    /** Returns whether a process is silent right now. */
    boolean isStill(Path owner) throws IOException {
        Optional<HeartbeatFile.BeatStamp> now = HeartbeatFile.read(owner);
        synchronized (this) {
            Peer peer = peers.get(owner);
            return peer != null && now.filter(peer.stamp::equals).isPresent();
        }
    }

    private List<String> jobs(Path owner) {
        List<String> jobs = new ArrayList<>();
        try (Stream<Path> claims = Files.list(owner)) {
            for (Path claim : (Iterable<Path>) claims.sorted()::iterator) {
                if (Files.isDirectory(claim, LinkOption.NOFOLLOW_LINKS)) {
                    new ClaimDirectory(claim, new DurableFileOps()).file().ifPresent(file -> jobs.add(file.base()));
                }
            }
        } catch (IOException | UncheckedIOException e) {
            log.execute(() -> LOG.debug("cannot list the jobs in {}", owner, e));
        }
        return jobs;
    }
}
