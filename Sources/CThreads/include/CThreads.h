// A crew of threads for computations of many short parts, a few microseconds apart. Its threads look
// for the next part for a while before they sleep: to wake one takes longer than many a part.
#ifndef FATHOM_THREADS_H
#define FATHOM_THREADS_H

#include <stddef.h>

// Calls task(context, 0) … task(context, count - 1), on the calling thread and up to members - 1
// others; returns when all are done. Returns 0, having called nothing, if the crew works for another
// thread, or if there is more than it can count.
int fathom_crew_perform(size_t members, size_t count, void (*task)(void *context, size_t index),
                        void *context);

#endif
