/*
 * Stands between a process and the C library, by LD_PRELOAD: writes down what the process asks the
 * system to do to the files of one folder, and the answers it sends, in one order; lets calls fail, or
 * the process die, on request.
 *
 *   DISK_FOLDER   absolute path of the folder
 *   DISK_TRACE    folder of traces, one file for each process, named by its pid; unset: none is written
 *   DISK_CONTROL  a file that is read while the process runs, see struct control; unset: nothing fails
 *
 * A record of the trace is a struct record, its path and its data. It is written after the call has
 * ended, so that what the process does next comes later in the trace; what failed is not in it, but for syncs.
 * A sync has one before it begins as well: what another thread writes meanwhile may or may not be covered.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS_MAX 65536
#define CLIPPED 4096 /* of an answer, its head */

enum operation {
  OPEN = 1, CLOSE, WRITE, TRUNCATE, SYNC, SYNC_FAILED, UNLINK, LINK, RENAME, MKDIR, ANSWER, SYNC_BEGUN
};

struct record {
  uint32_t operation;
  int32_t fd;
  uint64_t offset; /* of a write; the new size; the flags of an open */
  uint32_t path_bytes;
  uint32_t data_bytes;
};

struct control {
  int32_t write_errno; /* 0: writes, truncations and allocations succeed */
  int32_t sync_errno;
  int32_t syncs_left; /* so many succeed before they fail */
  int32_t die_after; /* the process dies after as many more records of files; 0: it lives */
};

static char folder[PATH_MAX];
static size_t folder_length;
static int trace = -1;
static volatile struct control *control;
static unsigned char is_watched[FDS_MAX];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void start(void) {
  const char *path = getenv("DISK_FOLDER");
  if (path == NULL) return;
  folder_length = (size_t)snprintf(folder, sizeof folder, "%s", path);
  if ((path = getenv("DISK_TRACE")) != NULL) {
    char name[PATH_MAX];
    snprintf(name, sizeof name, "%s/%d", path, getpid());
    trace = REAL(open)(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (trace < 0) abort();
  }
  if ((path = getenv("DISK_CONTROL")) != NULL) {
    int fd = REAL(open)(path, O_RDWR | O_CLOEXEC);
    void *map = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) abort();
    control = map;
  }
}

static int is_in_folder(const char *path) {
  return folder_length > 0 && strncmp(path, folder, folder_length) == 0 &&
         (path[folder_length] == '/' || path[folder_length] == 0);
}

static int watched(int fd) { return fd >= 0 && fd < FDS_MAX && is_watched[fd]; }

static void note(enum operation operation, int fd, uint64_t offset, const char *path, const void *data,
                 size_t bytes) {
  int saved = errno;
  pthread_mutex_lock(&mutex);
  if (trace >= 0) {
    struct record record = {operation, fd, offset, path == NULL ? 0 : strlen(path), bytes};
    struct iovec parts[] = {
        {&record, sizeof record}, {(void *)path, record.path_bytes}, {(void *)data, bytes}};
    if (REAL(writev)(trace, parts, 3) != (ssize_t)(sizeof record + record.path_bytes + bytes)) abort();
  }
  if (operation != ANSWER && control != NULL && control->die_after > 0 && --control->die_after == 0)
    raise(SIGKILL);
  pthread_mutex_unlock(&mutex);
  errno = saved;
}

/* Whether a call is to fail; errno says with what. */
static int fails(int fd, int is_sync) {
  if (control == NULL || !watched(fd)) return 0;
  int wanted = is_sync ? control->sync_errno : control->write_errno;
  if (wanted == 0 || (is_sync && control->syncs_left-- > 0)) return 0;
  errno = wanted;
  return 1;
}

static int opened(int fd, const char *path, int flags) {
  if (fd >= 0 && fd < FDS_MAX && is_in_folder(path)) {
    is_watched[fd] = 1;
    note(OPEN, fd, (uint64_t)flags, path, NULL, 0);
  }
  return fd;
}

#define OPENS(name)                                   \
  int name(const char *path, int flags, ...) {        \
    va_list rest;                                     \
    va_start(rest, flags);                            \
    mode_t mode = va_arg(rest, mode_t);               \
    va_end(rest);                                     \
    return opened(REAL(name)(path, flags, mode), path, flags); \
  }
OPENS(open)
OPENS(open64)

int close(int fd) {
  if (watched(fd)) {
    note(CLOSE, fd, 0, NULL, NULL, 0);
    is_watched[fd] = 0;
  }
  return REAL(close)(fd);
}

#define WRITES_AT(name, offset_t)                                             \
  ssize_t name(int fd, const void *data, size_t bytes, offset_t offset) {     \
    if (fails(fd, 0)) return -1;                                              \
    ssize_t done = REAL(name)(fd, data, bytes, offset);                       \
    if (done > 0 && watched(fd)) note(WRITE, fd, (uint64_t)offset, NULL, data, (size_t)done); \
    return done;                                                              \
  }
WRITES_AT(pwrite, off_t)
WRITES_AT(pwrite64, off64_t)

static int is_socket(int fd) {
  struct stat status;
  return trace >= 0 && fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

static void note_answer(int fd, const struct iovec *parts, size_t count) {
  if (!is_socket(fd)) return;
  char head[CLIPPED];
  size_t bytes = 0;
  for (size_t part = 0; part < count && bytes < CLIPPED; part++) {
    size_t length = parts[part].iov_len < CLIPPED - bytes ? parts[part].iov_len : CLIPPED - bytes;
    memcpy(head + bytes, parts[part].iov_base, length);
    bytes += length;
  }
  note(ANSWER, fd, 0, NULL, head, bytes);
}

ssize_t write(int fd, const void *data, size_t bytes) {
  if (!watched(fd)) {
    struct iovec part = {(void *)data, bytes};
    note_answer(fd, &part, 1);
    return REAL(write)(fd, data, bytes);
  }
  if (fails(fd, 0)) return -1;
  off_t offset = lseek(fd, 0, SEEK_CUR);
  ssize_t done = REAL(write)(fd, data, bytes);
  if (done > 0) note(WRITE, fd, (uint64_t)offset, NULL, data, (size_t)done);
  return done;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  if (watched(fd)) abort(); /* nothing writes files like that; the trace would lack it */
  note_answer(fd, parts, (size_t)count);
  return REAL(writev)(fd, parts, count);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  note_answer(fd, message->msg_iov, message->msg_iovlen);
  return REAL(sendmsg)(fd, message, flags);
}

#define TRUNCATES(name, offset_t)                                     \
  int name(int fd, offset_t size) {                                   \
    if (fails(fd, 0)) return -1;                                      \
    int result = REAL(name)(fd, size);                                \
    if (result == 0 && watched(fd)) note(TRUNCATE, fd, (uint64_t)size, NULL, NULL, 0); \
    return result;                                                    \
  }
TRUNCATES(ftruncate, off_t)
TRUNCATES(ftruncate64, off64_t)

#define SYNCS(name)                                                   \
  int name(int fd) {                                                  \
    if (watched(fd)) note(SYNC_BEGUN, fd, 0, NULL, NULL, 0);          \
    if (fails(fd, 1)) {                                               \
      int wanted = errno;                                             \
      note(SYNC_FAILED, fd, 0, NULL, NULL, 0);                        \
      errno = wanted;                                                 \
      return -1;                                                      \
    }                                                                 \
    int result = REAL(name)(fd);                                      \
    if (watched(fd)) note(result == 0 ? SYNC : SYNC_FAILED, fd, 0, NULL, NULL, 0); \
    return result;                                                    \
  }
SYNCS(fsync)
SYNCS(fdatasync)

static int unlinked(int result, const char *path) {
  if (result == 0 && is_in_folder(path)) note(UNLINK, -1, 0, path, NULL, 0);
  return result;
}
int unlink(const char *path) { return unlinked(REAL(unlink)(path), path); }
int remove(const char *path) { return unlinked(REAL(remove)(path), path); }
int unlinkat(int base, const char *path, int flags) {
  return unlinked(REAL(unlinkat)(base, path, flags), path);
}

int link(const char *from, const char *to) {
  int result = REAL(link)(from, to);
  if (result == 0 && is_in_folder(to)) note(LINK, -1, 0, from, to, strlen(to));
  return result;
}

int rename(const char *from, const char *to) {
  int result = REAL(rename)(from, to);
  if (result == 0 && is_in_folder(to)) note(RENAME, -1, 0, from, to, strlen(to));
  return result;
}

int mkdir(const char *path, mode_t mode) {
  int result = REAL(mkdir)(path, mode);
  if (result == 0 && is_in_folder(path)) note(MKDIR, -1, 0, path, NULL, 0);
  return result;
}
