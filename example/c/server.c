/*
 * Answers each reading of one client with the same, a degree warmer and twice as heavy, in the byte order it came in.
 *   cc -o server server.c
 *   ./server unix /tmp/app.world
 *   ./server tcp 8000        (0: any port that is free)
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "reading.h"

static int listen_unix(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    unlink(path);
    int at = socket(AF_UNIX, SOCK_STREAM, 0);
    if (at < 0 || bind(at, (struct sockaddr *)&address, sizeof address) != 0 || listen(at, 1) != 0) return -1;
    printf("world listens on %s\n", path);
    return at;
}

static int listen_tcp(const char *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int at = socket(AF_INET, SOCK_STREAM, 0);
    if (at < 0 || bind(at, (struct sockaddr *)&address, size) != 0 || listen(at, 1) != 0) return -1;
    getsockname(at, (struct sockaddr *)&address, &size);
    printf("world listens on port %d\n", ntohs(address.sin_port));
    return at;
}

int main(int count, char **args) {
    if (count != 3) {
        fprintf(stderr, "server unix PATH | server tcp PORT\n");
        return 2;
    }
    int is_unix = strcmp(args[1], "unix") == 0;
    int listener = is_unix ? listen_unix(args[2]) : listen_tcp(args[2]);
    fflush(stdout);
    int client = listener < 0 ? -1 : accept(listener, NULL, NULL);
    if (client < 0) {
        perror(args[2]);
        return 1;
    }
    reading it;
    int received;
    while ((received = receive_reading(client, &it)) == 1) {
        print_reading("got", it);
        it.celsius += 1000;
        it.weight *= 2;
        if (send_reading(client, it) != 0) break;
    }
    close(client);
    close(listener);
    if (is_unix) unlink(args[2]);
    return received == 0 ? 0 : 1;
}
