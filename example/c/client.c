/*
 * Sends a reading in each byte order to a server, and prints what it answers.
 *   cc -o client client.c
 *   ./client unix /tmp/app.world
 *   ./client tcp 8000
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "reading.h"

static int connect_unix(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    int to = socket(AF_UNIX, SOCK_STREAM, 0);
    return to >= 0 && connect(to, (struct sockaddr *)&address, sizeof address) == 0 ? to : -1;
}

static int connect_tcp(const char *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int to = socket(AF_INET, SOCK_STREAM, 0);
    return to >= 0 && connect(to, (struct sockaddr *)&address, sizeof address) == 0 ? to : -1;
}

int main(int count, char **args) {
    if (count != 3) {
        fprintf(stderr, "client unix PATH | client tcp PORT\n");
        return 2;
    }
    int server = strcmp(args[1], "unix") == 0 ? connect_unix(args[2]) : connect_tcp(args[2]);
    if (server < 0) {
        perror(args[2]);
        return 1;
    }
    const reading readings[] = {
        {.order = '<', .kind = 1, .sensor = 0xbeef, .celsius = -21500, .weight = 0.125},
        {.order = '>', .kind = 2, .sensor = 7, .celsius = 36600, .weight = -1234.5},
    };
    for (int i = 0; i < 2; i++) {
        reading answer;
        if (send_reading(server, readings[i]) != 0 || receive_reading(server, &answer) != 1) {
            perror("the conversation broke");
            return 1;
        }
        print_reading("got", answer);
    }
    close(server);
    return 0;
}
