/*
 * TCP and unix sockets, all non-blocking and close-on-exec. Addresses are numeric: there is no resolver in here.
 * Reading is read() of host_file.c.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "host.h"

union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  struct sockaddr_un local;
};

static int tcp_address(union address *a, socklen_t *length, const char *text, int32_t port) {
  memset(a, 0, sizeof(*a));
  if (port < 0 || port > 65535) return -EINVAL;
  if (inet_pton(AF_INET, text, &a->v4.sin_addr) == 1) {
    a->v4.sin_family = AF_INET;
    a->v4.sin_port = htons((uint16_t)port);
    *length = sizeof(a->v4);
    return 0;
  }
  if (inet_pton(AF_INET6, text, &a->v6.sin6_addr) == 1) {
    a->v6.sin6_family = AF_INET6;
    a->v6.sin6_port = htons((uint16_t)port);
    *length = sizeof(a->v6);
    return 0;
  }
  return -EINVAL;
}

static int local_address(union address *a, socklen_t *length, const char *path) {
  size_t bytes = strlen(path);
  memset(a, 0, sizeof(*a));
  if (bytes == 0) return -EINVAL;
  if (bytes >= sizeof(a->local.sun_path)) return -ENAMETOOLONG;
  a->local.sun_family = AF_UNIX;
  memcpy(a->local.sun_path, path, bytes + 1);
  *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + bytes + 1);
  return 0;
}

static int new_socket(int family) {
  int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return fd < 0 ? -errno : fd;
}

/* The errno of the call that failed, with the socket closed. */
static int give_up(int fd) {
  int error = errno;
  close(fd);
  return -error;
}

static int open_connection(const union address *a, socklen_t length) {
  int fd = new_socket(a->any.sa_family);
  if (fd < 0) return fd;
  /* EINTR: the connection goes on in the background, as with EINPROGRESS. */
  if (connect(fd, &a->any, length) < 0 && errno != EINPROGRESS && errno != EINTR) return give_up(fd);
  return fd;
}

static JSValue socket_listen_tcp(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  union address a;
  socklen_t length;
  int32_t port, backlog;
  int one = 1;
  if (JS_ToInt32(ctx, &port, argv[1]) || JS_ToInt32(ctx, &backlog, argv[2])) return JS_EXCEPTION;
  const char *text = JS_ToCString(ctx, argv[0]);
  if (!text) return JS_EXCEPTION;
  int error = tcp_address(&a, &length, text, port);
  JS_FreeCString(ctx, text);
  if (error) return JS_NewInt32(ctx, error);
  int fd = new_socket(a.any.sa_family);
  if (fd < 0) return JS_NewInt32(ctx, fd);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)); /* accepted sockets inherit it */
  if (bind(fd, &a.any, length) < 0 || listen(fd, backlog) < 0) return JS_NewInt32(ctx, give_up(fd));
  return JS_NewInt32(ctx, fd);
}

static JSValue socket_listen_unix(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  union address a;
  socklen_t length;
  int32_t backlog;
  uint32_t mode;
  if (JS_ToUint32(ctx, &mode, argv[1]) || JS_ToInt32(ctx, &backlog, argv[2])) return JS_EXCEPTION;
  JSValue failed;
  const char *path = host_to_path(ctx, argv[0], &failed);
  if (!path) return failed;
  int error = local_address(&a, &length, path);
  JS_FreeCString(ctx, path);
  if (error) return JS_NewInt32(ctx, error);
  int fd = new_socket(AF_UNIX);
  if (fd < 0) return JS_NewInt32(ctx, fd);
  fchmod(fd, (mode_t)mode); /* so that the file is never wider than this; umask may make it narrower until chmod */
  if (bind(fd, &a.any, length) < 0) return JS_NewInt32(ctx, give_up(fd));
  if (chmod(a.local.sun_path, (mode_t)mode) < 0 || listen(fd, backlog) < 0) {
    int saved = errno;
    unlink(a.local.sun_path);
    errno = saved;
    return JS_NewInt32(ctx, give_up(fd));
  }
  return JS_NewInt32(ctx, fd);
}

static JSValue socket_connect_tcp(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  union address a;
  socklen_t length;
  int32_t port;
  if (JS_ToInt32(ctx, &port, argv[1])) return JS_EXCEPTION;
  const char *text = JS_ToCString(ctx, argv[0]);
  if (!text) return JS_EXCEPTION;
  int error = tcp_address(&a, &length, text, port);
  JS_FreeCString(ctx, text);
  return JS_NewInt32(ctx, error ? error : open_connection(&a, length));
}

static JSValue socket_connect_unix(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  union address a;
  socklen_t length;
  JSValue failed;
  const char *path = host_to_path(ctx, argv[0], &failed);
  if (!path) return failed;
  int error = local_address(&a, &length, path);
  JS_FreeCString(ctx, path);
  return JS_NewInt32(ctx, error ? error : open_connection(&a, length));
}

static JSValue socket_accept(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  int32_t fd;
  int client;
  if (JS_ToInt32(ctx, &fd, argv[0])) return JS_EXCEPTION;
  do {
    client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  } while (client < 0 && errno == EINTR);
  return JS_NewInt32(ctx, client < 0 ? -errno : client);
}

static JSValue socket_send(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  int32_t fd;
  int64_t offset, length;
  size_t size;
  ssize_t n;
  if (JS_ToInt32(ctx, &fd, argv[0]) || JS_ToInt64(ctx, &offset, argv[2]) || JS_ToInt64(ctx, &length, argv[3]))
    return JS_EXCEPTION;
  const uint8_t *bytes = JS_GetArrayBuffer(ctx, &size, argv[1]);
  if (!bytes) return JS_EXCEPTION;
  if (offset < 0 || length < 0 || (uint64_t)offset > size || (uint64_t)length > size - (uint64_t)offset)
    return JS_ThrowRangeError(ctx, "send: outside the buffer");
  do {
    n = send(fd, bytes + offset, (size_t)length, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (n < 0 && errno == EINTR);
  return JS_NewInt64(ctx, n < 0 ? -errno : n);
}

static JSValue socket_error(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  int32_t fd;
  int error = 0;
  socklen_t length = sizeof(error);
  if (JS_ToInt32(ctx, &fd, argv[0])) return JS_EXCEPTION;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0) error = errno;
  return JS_NewInt32(ctx, -error);
}

static JSValue socket_shutdown_write(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  int32_t fd;
  if (JS_ToInt32(ctx, &fd, argv[0])) return JS_EXCEPTION;
  return JS_NewInt32(ctx, shutdown(fd, SHUT_WR) < 0 ? -errno : 0);
}

static JSValue socket_peer_credentials(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  int32_t fd;
  struct ucred peer;
  socklen_t length = sizeof(peer);
  if (JS_ToInt32(ctx, &fd, argv[0])) return JS_EXCEPTION;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return JS_NewInt32(ctx, -errno);
  return host_new_numbers(ctx, (double[]){peer.pid, peer.uid, peer.gid}, 3);
}

static JSValue socket_local_port(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  int32_t fd;
  union address a;
  socklen_t length = sizeof(a);
  if (JS_ToInt32(ctx, &fd, argv[0])) return JS_EXCEPTION;
  if (getsockname(fd, &a.any, &length) < 0) return JS_NewInt32(ctx, -errno);
  if (a.any.sa_family == AF_INET) return JS_NewInt32(ctx, ntohs(a.v4.sin_port));
  if (a.any.sa_family == AF_INET6) return JS_NewInt32(ctx, ntohs(a.v6.sin6_port));
  return JS_NewInt32(ctx, -EAFNOSUPPORT);
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("listenTcp", 3, socket_listen_tcp),
    JS_CFUNC_DEF("listenUnix", 3, socket_listen_unix),
    JS_CFUNC_DEF("connectTcp", 2, socket_connect_tcp),
    JS_CFUNC_DEF("connectUnix", 1, socket_connect_unix),
    JS_CFUNC_DEF("accept", 1, socket_accept),
    JS_CFUNC_DEF("send", 4, socket_send),
    JS_CFUNC_DEF("socketError", 1, socket_error),
    JS_CFUNC_DEF("shutdownWrite", 1, socket_shutdown_write),
    JS_CFUNC_DEF("peerCredentials", 1, socket_peer_credentials),
    JS_CFUNC_DEF("localPort", 1, socket_local_port),
};

const struct host_area host_socket_area = {functions, countof(functions)};
