/* SPDX-License-Identifier: MIT */
/*
 * The anomaly loops: in each scenario the first allocation fails, then the second ... until the
 * scenario passes untouched; then the same for each system call and each of its errors; then
 * regular interruptions, failures that stay, and one byte at a time. After every single run no
 * descriptor is left; after every scenario no memory. HOP_LONG=1 tries every place, else there are
 * some of each loop. Arguments: the scenarios to run; none: all.
 */
#include "anomaly/scenario.h"

#include "api/isolation.h"

#define PLACES_SHORT 4 /* of one loop */
#define LOOP_MAX     50000
#define WORKERS_MAX  64
#define TIMEOUT_MS   400
#define TIMEOUT_MAX  12800

int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

/* Those that take longest come first. */
static const scenario scenarios[] = {
    {"conn_plain", scenario_conn_plain, true},  {"conn_tls", scenario_conn_tls, true},
    {"nobody", scenario_nobody, true},          {"name", scenario_name, true},
    {"by_ticket", scenario_by_ticket, false},   {"by_hand", scenario_by_hand, false},
    {"no_name", scenario_no_name, true},        {"cancelled", scenario_cancelled, false},
    {"conn_token", scenario_conn_token, false}, {"open", scenario_open, false},
    {"texts", scenario_texts, false},           {"interface", scenario_interface, false},
};
#define SCENARIOS (sizeof scenarios / sizeof scenarios[0])

/* One loop: all failures of one call in one play. The call ANOMALY_CALLS: none fails, but bytes
 * go one at a time. */
typedef struct task {
    const scenario *play;
    anomaly_call call;
    unsigned total; /* calls of this kind when nothing fails */
    char name[64];
} task;

/* The loops wait most of the time, so several run side by side, each in a process of its own. */
typedef struct worker {
    pid_t pid; /* 0: none */
    int output_fd;
} worker;

static task tasks[SCENARIOS * (ANOMALY_CALLS + 1)];
static unsigned task_count;
static bool try_everything;
static unsigned runs;
static int64_t longest_ms;

/* One run under the plan; false: not all went well. */
static bool run_one(const scenario *play, const anomaly_plan *plan, unsigned *ret_struck) {
    int before = count_descriptors();
    int64_t since_ms = now_ms();
    anomaly_arm(plan);
    bool good = play->run();
    *ret_struck = anomaly_disarm();
    int64_t lasted_ms = now_ms() - since_ms;
    if (lasted_ms > longest_ms) longest_ms = lasted_ms;
    runs++;
    assert_int_equal(count_descriptors(), before);
    return good;
}

/* As run_one(), where it must go well: as often as it takes to know that it is not the machine's
 * load that is in the way. */
static void run_well(const scenario *play, const anomaly_plan *plan) {
    unsigned struck;
    bool good = false;
    for (int ms = 4 * TIMEOUT_MS; !good && ms <= TIMEOUT_MAX; ms *= 2) {
        scenario_timeout_ms = ms;
        good = run_one(play, plan, &struck);
    }
    scenario_timeout_ms = TIMEOUT_MS;
    assert_true(good);
}

/* The 1st, the 2nd ..., until nothing was there to fail; of long loops only some, where time is
 * short. */
static void fail_one_by_one(const task *job, int error, bool harmless) {
    unsigned places = job->play->slow ? PLACES_SHORT / 2 : PLACES_SHORT;
    unsigned stride = try_everything ? 1 : 1 + (job->total - 1) / places;
    unsigned struck = 1;
    for (unsigned nth = 1; struck > 0; nth += stride) {
        anomaly_plan plan = {.call = job->call, .error = error, .nth = nth};
        assert_true(nth < LOOP_MAX);
        bool good = run_one(job->play, &plan, &struck);
        if (struck == 0) plan.nth = 0; /* it may strike when there is more time */
        if ((struck == 0 || harmless) && !good) run_well(job->play, &plan);
    }
}

/* What fails once may fail for good: out of memory, no more descriptors. */
static void fail_from_then_on(const task *job, int error) {
    unsigned stride = try_everything ? 1 : 1 + (job->total - 1) / 2;
    for (unsigned nth = 1; nth <= job->total; nth += stride) {
        unsigned struck;
        anomaly_plan plan = {.call = job->call, .error = error, .nth = nth, .from_then_on = true};
        (void)run_one(job->play, &plan, &struck);
    }
}

static void fail_now_and_then(const task *job, int error) {
    /* Not every second one: where two sides take turns, that would be always the same side's. */
    run_well(job->play, &(anomaly_plan){.call = job->call, .error = error, .nth = 1, .every = 3});
}

static void test_task(void **state) {
    const task *job = *state;
    int error;
    bool harmless;
    if (job->call == ANOMALY_CALLS) run_well(job->play, &(anomaly_plan){.byte_by_byte = true});
    for (unsigned i = 0;
         job->call < ANOMALY_CALLS && (error = anomaly_error(job->call, i, &harmless)) != 0; i++) {
        fail_one_by_one(job, error, harmless);
        if (harmless)
            fail_now_and_then(job, error);
        else
            fail_from_then_on(job, error);
    }
    if (__lsan_do_recoverable_leak_check != NULL)
        assert_int_equal(__lsan_do_recoverable_leak_check(), 0);
    print_message("%s: %u calls, %u runs, the longest %d ms\n", job->name, job->total, runs,
                  (int)longest_ms);
}

static int tell_plan(void **state) {
    (void)state;
    unsigned struck = anomaly_disarm();
    print_message("the last plan: %s; it struck %u times\n", anomaly_story(), struck);
    return 0;
}

/* What is made at the first use stays: so each scenario runs once before any loop, and its calls
 * are counted when it runs the second time. */
static bool add_tasks(const scenario *play) {
    unsigned well = 0;
    for (int ms = TIMEOUT_MS; well < 2 && ms <= TIMEOUT_MAX; ms *= 2) {
        scenario_timeout_ms = ms;
        anomaly_arm(&(anomaly_plan){.nth = 0});
        well += play->run();
        (void)anomaly_disarm();
    }
    scenario_timeout_ms = TIMEOUT_MS;
    for (anomaly_call call = 0; call <= ANOMALY_CALLS; call++) {
        unsigned total = call < ANOMALY_CALLS ? anomaly_count(call) : 1;
        if (total == 0) continue;
        task *job = &tasks[task_count++];
        job->play = play;
        job->call = call;
        job->total = total;
        snprintf(job->name, sizeof job->name, "%s, %s", play->name,
                 call < ANOMALY_CALLS ? anomaly_name(call) : "byte by byte");
    }
    return well == 2;
}

static worker start_worker(task *job) {
    worker made = {.output_fd = memfd_create("worker", MFD_CLOEXEC)};
    fflush(NULL);
    made.pid = fork();
    if (made.pid != 0) return made;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(made.output_fd, STDOUT_FILENO);
    dup2(made.output_fd, STDERR_FILENO);
    scenario_tickets(); /* a room of its own */
    struct CMUnitTest test = {.name = job->name,
                              .test_func = test_task,
                              .setup_func = remember_descriptors,
                              .teardown_func = tell_plan,
                              .initial_state = job};
    int failed = _cmocka_run_group_tests(job->name, &test, 1, NULL, NULL);
    fflush(NULL);
    _exit(failed != 0);
}

/* Shows what it said. False: it failed, or died. */
static bool end_worker(worker *hand, int status) {
    char text[4096];
    ssize_t got;
    for (off_t at = 0; (got = pread(hand->output_fd, text, sizeof text, at)) > 0; at += got)
        fwrite(text, 1, (size_t)got, stdout);
    close(hand->output_fd);
    hand->pid = 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool reap(worker *workers) {
    int status;
    bool good = true;
    for (int i = 0; i < WORKERS_MAX; i++)
        if (workers[i].pid > 0 && waitpid(workers[i].pid, &status, WNOHANG) == workers[i].pid)
            good = end_worker(&workers[i], status) && good;
    return good;
}

static bool run_tasks(void) {
    worker workers[WORKERS_MAX] = {{.pid = 0}};
    unsigned next = 0, busy;
    bool good = true;
    do {
        busy = 0;
        good = reap(workers) && good;
        for (int i = 0; i < WORKERS_MAX; i++) {
            if (workers[i].pid == 0 && next < task_count) workers[i] = start_worker(&tasks[next++]);
            busy += workers[i].pid > 0;
        }
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    } while (busy > 0);
    return good;
}

/* Names without a network: one that a file knows, and a name server that is not there. */
static bool make_names(void) {
    char hosts[] = "/tmp/hop-hosts-XXXXXX", resolv[] = "/tmp/hop-resolv-XXXXXX";
    int hosts_fd = mkstemp(hosts), resolv_fd = mkstemp(resolv);
    bool good = hosts_fd >= 0 && resolv_fd >= 0 &&
                write_file(hosts, "127.0.0.1 localhost rendezvous.test\n") &&
                write_file(resolv, "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n") &&
                put_over(hosts, "/etc/hosts") && put_over(resolv, "/etc/resolv.conf");
    close(hosts_fd);
    close(resolv_fd);
    unlink(hosts);
    unlink(resolv);
    return good;
}

static bool is_wanted(const scenario *play, int count, char **words) {
    bool wanted = count < 2;
    for (int i = 1; i < count; i++)
        wanted = wanted || strcmp(words[i], play->name) == 0;
    return wanted;
}

int main(int count, char **words) {
    const char *wish = getenv("HOP_LONG");
    bool good = true;
    try_everything = wish != NULL && wish[0] == '1';
    anomaly_begin();
    if (!isolate() || !make_names()) {
        print_message("1..1\nok anomaly # SKIP no namespace of one's own: %s\n", strerror(errno));
        return 0;
    }
    if (!server_start(&scenario_server, "127.0.0.1:0")) {
        print_message("1..1\nnot ok anomaly: the server does not start\n");
        return 1;
    }
    scenario_tickets();
    for (size_t i = 0; i < SCENARIOS; i++) {
        if (!is_wanted(&scenarios[i], count, words) || add_tasks(&scenarios[i])) continue;
        print_message("not ok %s: fails although nothing fails\n", scenarios[i].name);
        good = false;
    }
    good = run_tasks() && good;
    return server_stop(&scenario_server) && good ? 0 : 1;
}
