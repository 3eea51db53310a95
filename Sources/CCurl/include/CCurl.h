// HTTP transfers by libcurl, which is looked for when the first one is asked for: a program that
// never fetches anything neither needs the library nor pays for loading it.
#ifndef CCURL_H
#define CCURL_H

#include <stdbool.h>
#include <stddef.h>

/// Keeps connections open between transfers. For one thread at a time.
typedef struct curl_client curl_client;

/// What to ask for, and who takes the answer. Texts and functions must last for the transfer.
typedef struct {
  const char *url;
  /// Lines of the request's header, such as "Range: bytes=5-"; ends with NULL.
  const char *const *headers;
  /// Whether only the header of the answer is wanted.
  bool only_head;
  /// A file of certificates to trust instead of the system's, or NULL.
  const char *certificates;
  /// Handed to the functions below.
  void *context;
  /// Takes one line of the answer's header, with its line break; false stops.
  bool (*take_header)(void *context, const char *line, size_t count);
  /// Takes a piece of the answer's body; false stops.
  bool (*take_body)(void *context, const void *bytes, size_t count);
  /// Asked at least twenty times a second; true stops.
  bool (*is_cancelled)(void *context);
} curl_request;

/// How a transfer ended.
typedef struct {
  /// libcurl's own number; 0 is good.
  int code;
  /// The status of the answer; 0 if there was none.
  long status;
  /// What libcurl says of a failure.
  char message[256];
  /// Where the answer sends on to, whole, or NULL; good until the next transfer.
  const char *redirect;
} curl_outcome;

/// NULL if libcurl is not installed.
curl_client *curl_client_create(void);
void curl_client_destroy(curl_client *client);

/// Runs a transfer to its end. Follows no redirect, and speaks nothing but HTTP and HTTPS.
curl_outcome curl_client_perform(curl_client *client, const curl_request *request);

#endif
