package dev.construir.examples.sandboxes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.image.RootImage;
import dev.construir.machine.MachineBudget;
import dev.construir.machine.Preference;
import dev.construir.qemu.QemuHypervisor;
import dev.construir.run.Runner;
import dev.construir.sandbox.Checkpoint;
import dev.construir.sandbox.PortForward;
import dev.construir.sandbox.Sandbox;
import dev.construir.sandbox.SandboxOptions;
import dev.construir.testing.TestImages;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Migrations of one database, each tried at the same time in a machine of its own that has the server running and the
 * data in it. {@code -Dconstruir.forks=8} tries all of them.
 */
@Timeout(300)
class PostgresIT {
    private static final int FORKS = Integer.getInteger("construir.forks", 3);
    private static final List<Migration> MIGRATIONS = List.of(
            new Migration("ALTER TABLE person ADD email text DEFAULT '-'", "(1,Ada,-)", "(2,Grace,-)"),
            new Migration("UPDATE person SET name = upper(name)", "(1,ADA)", "(2,GRACE)"),
            new Migration("DELETE FROM person WHERE id = 1", "(2,Grace)"),
            new Migration("INSERT INTO person VALUES (3, 'Joan')", "(1,Ada)", "(2,Grace)", "(3,Joan)"),
            new Migration("ALTER TABLE person DROP name", "(1)", "(2)"),
            new Migration("ALTER TABLE person ALTER id TYPE text USING 'p' || id", "(p1,Ada)", "(p2,Grace)"),
            new Migration("UPDATE person SET id = id + 100", "(101,Ada)", "(102,Grace)"),
            new Migration("TRUNCATE person"));

    private static Runner runner;
    private static Sandbox vm;

    private record Migration(String sql, List<String> people) {
        Migration(String sql, String... people) {
            this(sql, List.of(people));
        }
    }

    @BeforeAll
    static void start(@TempDir Path work) throws Exception {
        runner = Runner.builder(
                        QemuHypervisor.builder()
                                .memorySnapshots(Path.of("target/memory-snapshots"))
                                .build(),
                        RootImage.in(TestImages.find("debian")))
                .warmStart(Preference.REQUIRE)
                .budget(MachineBudget.of(1 + FORKS, DataSize.ofGibibytes(1 + FORKS), 1 + FORKS))
                .build();
        vm = Sandbox.open(runner, SandboxOptions.DEFAULT.withName("origin"));
        DebianPackages.download(vm, "postgresql-15", work).unpack();
        vm.sh("useradd --system postgres && chown postgres /var/lib/postgresql")
                .run()
                .orThrow();
        vm.sh("initdb --auth=trust --no-sync && pg_ctl start --log=$PGDATA/log --options='-k /tmp'")
                .user("postgres")
                .directory("/")
                .env("PATH", "/usr/lib/postgresql/15/bin:/usr/bin:/bin")
                .env("PGDATA", "/var/lib/postgresql/data")
                .run()
                .orThrow();
        sql(vm, "CREATE TABLE person (id int, name text); INSERT INTO person VALUES (1, 'Ada'), (2, 'Grace')");
    }

    @AfterAll
    static void close() {
        vm.close();
        runner.close();
    }

    @Test
    void migrations_atOnce_changeOnlyTheirOwnDatabase() throws Exception {
        Map<Migration, Sandbox> forks = new LinkedHashMap<>();
        ExecutorService threads = Executors.newFixedThreadPool(FORKS);
        try (Checkpoint filled = vm.checkpoint()) {
            for (Migration migration : MIGRATIONS.subList(0, FORKS)) {
                forks.put(migration, filled.open());
            }
            List<Callable<List<String>>> migrations = new ArrayList<>();
            forks.forEach((migration, fork) -> migrations.add(() -> sql(fork, migration.sql())));
            for (Future<List<String>> migrated : threads.invokeAll(migrations)) {
                migrated.get();
            }
            for (Map.Entry<Migration, Sandbox> fork : forks.entrySet()) {
                assertThat(people(fork.getValue())).isEqualTo(fork.getKey().people());
            }
            assertThat(people(vm)).containsExactly("(1,Ada)", "(2,Grace)");
        } finally {
            forks.values().forEach(Sandbox::close);
            threads.shutdown();
        }
    }

    private static List<String> people(Sandbox database) throws Exception {
        return sql(database, "SELECT person::text FROM person ORDER BY 1");
    }

    private static List<String> sql(Sandbox database, String statements) throws Exception {
        try (PortForward port = database.forward(5432);
                Connection connection = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + port.port() + "/", "postgres", "");
                Statement statement = connection.createStatement()) {
            List<String> rows = new ArrayList<>();
            if (statement.execute(statements)) {
                ResultSet result = statement.getResultSet();
                while (result.next()) {
                    rows.add(result.getString(1));
                }
            }
            return rows;
        }
    }
}
