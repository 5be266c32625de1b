/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes the UNIX socket of the control API without ever stealing one that is alive. */
#include "radiod/api/listen.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 128
#define SOCKET_MODE 0660

static int fail(char *err, size_t err_len, const char *path, int code, const char *remedy)
{
  snprintf(err, err_len, "socket %s: %s; %s", path, strerror(-code), remedy);
  return code;
}

static int open_stream(void)
{
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return fd < 0 ? -errno : fd;
}

/* Non-zero when somebody accepts connections at address. */
static int is_live(const struct sockaddr_un *address)
{
  int fd = open_stream();
  if (fd < 0)
    return 0;
  /* EAGAIN: a listener whose backlog is full lives too. */
  int live = !connect(fd, (const struct sockaddr *)address, sizeof *address) || errno == EAGAIN;
  close(fd);
  return live;
}

/* Removes what a daemon that died left at address.  Returns 0 or a negative errno code. */
static int clear_way(const struct sockaddr_un *address, char *err, size_t err_len)
{
  const char *path = address->sun_path;
  struct stat st;
  if (lstat(path, &st))
    return errno == ENOENT ? 0 : fail(err, err_len, path, -errno, "make the folder and let radiod write to it");
  if (!S_ISSOCK(st.st_mode))
    return fail(err, err_len, path, -EEXIST, "it is no socket; move it away or set another socket path");
  if (is_live(address))
    return fail(err, err_len, path, -EADDRINUSE, "another radiod runs there; stop it or set another socket path");
  if (unlink(path))
    return fail(err, err_len, path, -errno, "remove the stale socket by hand");
  return 0;
}

static int bind_and_listen(int fd, const struct sockaddr_un *address)
{
  /* Linux makes the file with the mode of the socket, so nobody else can connect between bind and chmod. */
  if (fchmod(fd, SOCKET_MODE) || bind(fd, (const struct sockaddr *)address, sizeof *address))
    return -errno;
  if (chmod(address->sun_path, SOCKET_MODE) || listen(fd, BACKLOG)) {
    int code = -errno;
    unlink(address->sun_path);
    return code;
  }
  return 0;
}

int listen_open(const char *path, char *err, size_t err_len)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (!*path || strlen(path) >= sizeof address.sun_path)
    return fail(err, err_len, path, -ENAMETOOLONG, "set a socket path of 1 to 107 bytes");
  memcpy(address.sun_path, path, strlen(path) + 1);
  int code = clear_way(&address, err, err_len);
  if (code)
    return code;
  int fd = open_stream();
  if (fd < 0)
    return fail(err, err_len, path, fd, "too many open files or no memory");
  code = bind_and_listen(fd, &address);
  if (!code)
    return fd;
  close(fd);
  return fail(err, err_len, path, code, "make the folder and let radiod write to it");
}
