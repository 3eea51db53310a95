#include "CCurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What is used of libcurl's interface, which has been binary compatible since 2006; the numbers are
// those of curl/curl.h and curl/multi.h.
typedef void CURL;
typedef void CURLM;
struct curl_slist;

typedef struct {
  int kind;
  CURL *easy;
  union {
    void *whatever;
    int result;
  } data;
} curl_message;

enum {
  OPTION_LOW_SPEED_LIMIT = 19,
  OPTION_LOW_SPEED_TIME = 20,
  OPTION_NO_BODY = 44,
  OPTION_CONNECT_TIMEOUT = 78,
  OPTION_NO_SIGNAL = 99,
  OPTION_PROTOCOLS = 181,
  OPTION_QUICK_EXIT = 322,
  OPTION_WRITE_DATA = 10001,
  OPTION_URL = 10002,
  OPTION_ERROR_BUFFER = 10010,
  OPTION_USER_AGENT = 10018,
  OPTION_HEADER = 10023,
  OPTION_HEADER_DATA = 10029,
  OPTION_CERTIFICATES = 10065,
  OPTION_WRITE_FUNCTION = 20011,
  OPTION_HEADER_FUNCTION = 20079,
  INFO_REDIRECT_URL = 0x100000 + 31,
  INFO_STATUS = 0x200000 + 2,
  GLOBAL_DEFAULT = 3,
  MESSAGE_DONE = 1,
  CODE_OUT_OF_MEMORY = 27,
  CODE_STOPPED = 42,
};

static const long protocols = 1 | 2;  // HTTP and HTTPS
static const long connect_seconds = 20;
static const long stalled_seconds = 30;
static const int patience_milliseconds = 50;

static struct {
  int (*global_init)(long);
  CURL *(*easy_init)(void);
  void (*easy_reset)(CURL *);
  void (*easy_cleanup)(CURL *);
  int (*easy_setopt)(CURL *, int, ...);
  int (*easy_getinfo)(CURL *, int, ...);
  const char *(*easy_strerror)(int);
  CURLM *(*multi_init)(void);
  int (*multi_cleanup)(CURLM *);
  int (*multi_add_handle)(CURLM *, CURL *);
  int (*multi_remove_handle)(CURLM *, CURL *);
  int (*multi_perform)(CURLM *, int *);
  int (*multi_poll)(CURLM *, void *, unsigned, int, int *);
  curl_message *(*multi_info_read)(CURLM *, int *);
  struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
  void (*slist_free_all)(struct curl_slist *);
} curl;

static bool is_loaded = false;

static void load(void) {
#ifdef __APPLE__
  void *library = dlopen("libcurl.4.dylib", RTLD_NOW | RTLD_LOCAL);
#else
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) library = dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
#endif
  if (!library) return;
  const struct {
    const char *name;
    void *place;
  } symbols[] = {
      {"curl_global_init", &curl.global_init},
      {"curl_easy_init", &curl.easy_init},
      {"curl_easy_reset", &curl.easy_reset},
      {"curl_easy_cleanup", &curl.easy_cleanup},
      {"curl_easy_setopt", &curl.easy_setopt},
      {"curl_easy_getinfo", &curl.easy_getinfo},
      {"curl_easy_strerror", &curl.easy_strerror},
      {"curl_multi_init", &curl.multi_init},
      {"curl_multi_cleanup", &curl.multi_cleanup},
      {"curl_multi_add_handle", &curl.multi_add_handle},
      {"curl_multi_remove_handle", &curl.multi_remove_handle},
      {"curl_multi_perform", &curl.multi_perform},
      {"curl_multi_poll", &curl.multi_poll},
      {"curl_multi_info_read", &curl.multi_info_read},
      {"curl_slist_append", &curl.slist_append},
      {"curl_slist_free_all", &curl.slist_free_all},
  };
  for (size_t index = 0; index < sizeof symbols / sizeof *symbols; index++) {
    void *symbol = dlsym(library, symbols[index].name);
    if (!symbol) return;
    memcpy(symbols[index].place, &symbol, sizeof symbol);
  }
  is_loaded = curl.global_init(GLOBAL_DEFAULT) == 0;
}

struct curl_client {
  CURL *easy;
  CURLM *multi;
};

curl_client *curl_client_create(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  if (!is_loaded) return NULL;
  curl_client *client = calloc(1, sizeof *client);
  if (!client) return NULL;
  client->easy = curl.easy_init();
  client->multi = curl.multi_init();
  if (client->easy && client->multi) return client;
  curl_client_destroy(client);
  return NULL;
}

void curl_client_destroy(curl_client *client) {
  if (!client) return;
  if (client->easy) curl.easy_cleanup(client->easy);
  if (client->multi) curl.multi_cleanup(client->multi);
  free(client);
}

// libcurl stops where a function takes less than it was given.
static size_t take_header(char *bytes, size_t size, size_t count, void *data) {
  const curl_request *request = data;
  return request->take_header(request->context, bytes, size * count) ? size * count : 0;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *data) {
  const curl_request *request = data;
  return request->take_body(request->context, bytes, size * count) ? size * count : 0;
}

/// Runs what was added, for as long as it takes; returns libcurl's code.
static int run(curl_client *client, const curl_request *request) {
  for (;;) {
    int running = 0;
    int left = 0;
    if (curl.multi_perform(client->multi, &running) != 0) return CODE_OUT_OF_MEMORY;
    for (curl_message *message; (message = curl.multi_info_read(client->multi, &left));) {
      if (message->kind == MESSAGE_DONE) return message->data.result;
    }
    if (request->is_cancelled(request->context)) return CODE_STOPPED;
    if (curl.multi_poll(client->multi, NULL, 0, patience_milliseconds, NULL) != 0) {
      return CODE_OUT_OF_MEMORY;
    }
  }
}

/// Keeps a connection that breaks from ending the process: the signal goes to the thread that
/// writes, which is this one.
static bool hold_broken_pipe(sigset_t *before) {
  sigset_t pipe_signal;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  return pthread_sigmask(SIG_BLOCK, &pipe_signal, before) == 0 && !sigismember(before, SIGPIPE);
}

static void drop_broken_pipe(const sigset_t *before) {
  sigset_t pending, pipe_signal;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  int taken;
  if (sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE)) sigwait(&pipe_signal, &taken);
  pthread_sigmask(SIG_SETMASK, before, NULL);
}

curl_outcome curl_client_perform(curl_client *client, const curl_request *request) {
  curl_outcome outcome = {0};
  CURL *easy = client->easy;
  curl.easy_reset(easy);
  struct curl_slist *headers = NULL;
  for (const char *const *line = request->headers; *line; line++) {
    struct curl_slist *longer = curl.slist_append(headers, *line);
    if (!longer) {
      curl.slist_free_all(headers);
      outcome.code = CODE_OUT_OF_MEMORY;
      return outcome;
    }
    headers = longer;
  }
  curl.easy_setopt(easy, OPTION_URL, request->url);
  curl.easy_setopt(easy, OPTION_HEADER, headers);
  curl.easy_setopt(easy, OPTION_NO_BODY, request->only_head ? 1L : 0L);
  curl.easy_setopt(easy, OPTION_USER_AGENT, "fathom");
  curl.easy_setopt(easy, OPTION_PROTOCOLS, protocols);
  curl.easy_setopt(easy, OPTION_NO_SIGNAL, 1L);
  // An interrupt shall not wait for a name that is being looked up (since 7.87).
  curl.easy_setopt(easy, OPTION_QUICK_EXIT, 1L);
  curl.easy_setopt(easy, OPTION_CONNECT_TIMEOUT, connect_seconds);
  curl.easy_setopt(easy, OPTION_LOW_SPEED_LIMIT, 1L);
  curl.easy_setopt(easy, OPTION_LOW_SPEED_TIME, stalled_seconds);
  curl.easy_setopt(easy, OPTION_ERROR_BUFFER, outcome.message);
  curl.easy_setopt(easy, OPTION_HEADER_FUNCTION, take_header);
  curl.easy_setopt(easy, OPTION_HEADER_DATA, request);
  curl.easy_setopt(easy, OPTION_WRITE_FUNCTION, take_body);
  curl.easy_setopt(easy, OPTION_WRITE_DATA, request);
  if (request->certificates) curl.easy_setopt(easy, OPTION_CERTIFICATES, request->certificates);

  sigset_t before;
  bool holds = hold_broken_pipe(&before);
  if (curl.multi_add_handle(client->multi, easy) == 0) {
    outcome.code = run(client, request);
    curl.multi_remove_handle(client->multi, easy);
  } else {
    outcome.code = CODE_OUT_OF_MEMORY;
  }
  if (holds) drop_broken_pipe(&before);
  curl.easy_getinfo(easy, INFO_STATUS, &outcome.status);
  curl.easy_getinfo(easy, INFO_REDIRECT_URL, &outcome.redirect);
  // The buffer and the list are this call's own.
  curl.easy_setopt(easy, OPTION_ERROR_BUFFER, NULL);
  curl.easy_setopt(easy, OPTION_HEADER, NULL);
  curl.slist_free_all(headers);
  if (outcome.code != 0 && !outcome.message[0]) {
    snprintf(outcome.message, sizeof outcome.message, "%s", curl.easy_strerror(outcome.code));
  }
  return outcome;
}
