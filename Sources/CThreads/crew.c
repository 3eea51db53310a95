#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>

#include "CThreads.h"

// How often to look before sleeping: some tens of microseconds. And how many members there may be.
enum { looks = 2000, largest = UINT16_MAX, most_members = 256 };

// The task in hand in one word, so that a part is taken and seen to be there at once: how many members
// may work on it, how many parts it has, and which is next.
typedef uint64_t state;
#define state_of(members, count) ((state)(members) << 32 | (state)(count) << 16)
#define members_of(state) ((state) >> 32)
#define count_of(state) ((state) >> 16 & largest)
#define next_of(state) ((state) & largest)

static _Atomic state current;
static atomic_size_t done;
static atomic_flag is_busy = ATOMIC_FLAG_INIT;
// Written before `current` says that there is a task, and not again until all its parts are done.
static void (*work)(void *, size_t);
static void *work_context;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t is_done = PTHREAD_COND_INITIALIZER;
static atomic_int is_awaited;

// Each sleeps by itself, so that a task wakes none that it has no part for.
typedef struct {
  pthread_cond_t is_more;
  atomic_int sleeps;
} sleeper;

static sleeper sleepers[most_members];
static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT};
static size_t started;  // beside the calling thread, which is member 0

static void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int has_part_for(size_t member, state now) {
  return next_of(now) < count_of(now) && member < members_of(now);
}

// Takes parts as long as there are any. What is taken is a part of the task in hand even if `now` was
// read in an earlier one: the word would be the same.
static void do_parts(size_t member) {
  state now = atomic_load(&current);
  while (has_part_for(member, now)) {
    if (!atomic_compare_exchange_weak(&current, &now, now + 1)) continue;
    work(work_context, next_of(now));
    if (atomic_fetch_add(&done, 1) + 1 == count_of(now) && atomic_load(&is_awaited)) {
      pthread_mutex_lock(&lock);
      pthread_cond_signal(&is_done);
      pthread_mutex_unlock(&lock);
    }
    now = atomic_load(&current);
  }
}

static void sleep_until_more(size_t member) {
  sleeper *own = &sleepers[member];
  pthread_mutex_lock(&lock);
  // Said before the last look, so that whoever brings a task wakes us or is seen.
  atomic_store(&own->sleeps, 1);
  while (!has_part_for(member, atomic_load(&current))) pthread_cond_wait(&own->is_more, &lock);
  atomic_store(&own->sleeps, 0);
  pthread_mutex_unlock(&lock);
}

static void wake(size_t member) {
  if (!atomic_load(&sleepers[member].sleeps)) return;
  pthread_mutex_lock(&lock);
  pthread_cond_signal(&sleepers[member].is_more);
  pthread_mutex_unlock(&lock);
}

static void sleep_until_done(size_t count) {
  pthread_mutex_lock(&lock);
  atomic_store(&is_awaited, 1);
  while (atomic_load(&done) < count) pthread_cond_wait(&is_done, &lock);
  atomic_store(&is_awaited, 0);
  pthread_mutex_unlock(&lock);
}

static void *run_member(void *argument) {
  size_t member = (size_t)(uintptr_t)argument;
  for (;;) {
    for (int look = 0; look < looks; ++look) {
      if (has_part_for(member, atomic_load(&current))) {
        do_parts(member);
        look = 0;
      }
      pause_briefly();
    }
    sleep_until_more(member);
  }
  return 0;
}

// Signals from outside go to the other threads of the program.
static void start_members(size_t members) {
  sigset_t outside, before;
  sigfillset(&outside);
  for (size_t i = 0; i < sizeof faults / sizeof *faults; ++i) sigdelset(&outside, faults[i]);
  pthread_sigmask(SIG_SETMASK, &outside, &before);
  while (started + 1 < members) {
    pthread_t thread;
    pthread_cond_init(&sleepers[started + 1].is_more, 0);
    if (pthread_create(&thread, 0, run_member, (void *)(uintptr_t)(started + 1)) != 0) break;
    pthread_detach(thread);
    ++started;
  }
  pthread_sigmask(SIG_SETMASK, &before, 0);
}

int fathom_crew_perform(size_t members, size_t count, void (*task)(void *, size_t),
                        void *context) {
  if (count > largest || atomic_flag_test_and_set(&is_busy)) return 0;
  if (members > count) members = count;
  if (members > most_members) members = most_members;
  if (started + 1 < members) start_members(members);
  work = task;
  work_context = context;
  atomic_store(&done, 0);
  atomic_store(&current, state_of(members, count));
  for (size_t member = 1; member < members && member <= started; ++member) wake(member);
  do_parts(0);
  for (int look = 0; look < looks && atomic_load(&done) < count; ++look) pause_briefly();
  if (atomic_load(&done) < count) sleep_until_done(count);
  atomic_flag_clear(&is_busy);
  return 1;
}
