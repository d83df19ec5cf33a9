package dev.construir.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.job.Job;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ForwardingJobResultTest {
    private record Counting(JobResult delegate, List<String> closed) implements ForwardingJobResult {
        @Override
        public void close() {
            closed.add(runId());
            delegate.close();
        }
    }

    private static Set<String> methods(Class<?> type) {
        Set<String> names = new TreeSet<>();
        Arrays.stream(type.getDeclaredMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()) && !method.isSynthetic())
                .map(Method::getName)
                .forEach(names::add);
        return names;
    }

    @Test
    void everyMethod_isPassedOn() {
        Set<String> all = methods(JobResult.class);
        all.removeAll(Set.of("orThrow", "text", "outputLines")); // they call others
        all.add("delegate");
        assertThat(methods(ForwardingJobResult.class)).isEqualTo(all);
    }

    @Test
    void record_overridesWhatItChanges() throws Exception {
        Job job = Job.script("test", "true");
        List<String> closed = new ArrayList<>();
        try (JobResult result = new Counting(JobResult.of(job, new Outcome.Exited(0)), closed)) {
            assertThat(result.orThrow()).isSameAs(result);
            assertThat(result.job()).isSameAs(job);
            assertThat(result.outputLines()).isEmpty();
        }
        assertThat(closed).containsExactly("job-000000000000");
    }
}
