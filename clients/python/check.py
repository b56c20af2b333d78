"""Checks the module against clients/vectors.json, and its decoder with random bytes: check.py VECTORS [ROUNDS [SEED]]"""

import json
import random
import sys

import omni_ipc


def bytes_of(vector):
    return bytes.fromhex(vector["hex"]) if "hex" in vector else vector["text"].encode("utf-8")


def packet_of(one):
    return omni_ipc.Packet(one["type"], one.get("data"), one.get("id"), one.get("re"), one.get("error"))


def decode(data, vector, cuts):
    """Returns the packets that a decoder makes of bytes in chunks, and the code of the error with which it ended."""
    decoder = omni_ipc.Decoder(vector.get("delimiter", "\f"), vector.get("maxMessageSize", 64 * 1024 * 1024))
    found = []
    try:
        for start, end in zip([0, *cuts], [*cuts, len(data)]):
            for packet in decoder.packets(data[start:end]):
                found.append(packet.code if isinstance(packet, omni_ipc.IPCError) else packet)
    except omni_ipc.IPCError as error:
        return found, error.code
    return found, None


def check(vector):
    data = bytes_of(vector)
    expected = [one.get("fault") or packet_of(one) for one in vector["packets"]]
    for cuts in ([], list(range(1, len(data))), [len(data) // 2]):
        found, end = decode(data, vector, cuts)
        assert found == expected, (vector["name"], found, expected)
        assert end == vector.get("ends"), (vector["name"], end)
    if vector.get("encode"):
        encoded = omni_ipc.encode(expected[0], vector.get("delimiter", "\f"))
        assert encoded == data, (vector["name"], encoded, data)


def fuzz(vectors, rounds, seed):
    chance = random.Random(seed)
    for _ in range(rounds):
        vector = chance.choice(vectors)
        data = bytearray(bytes_of(vector) + bytes_of(chance.choice(vectors)))
        for _ in range(chance.randrange(6)):
            at = chance.randrange(len(data))
            data[at : at + chance.randrange(3)] = bytes(chance.choice(b'\f{}[]",:\\u0e|\xff\xed\x80') for _ in range(chance.randrange(3)))
            if not data:
                data = bytearray(b"\f")
        cuts = sorted(chance.randrange(len(data)) for _ in range(chance.randrange(4)))
        found, end = decode(bytes(data), vector, cuts)
        assert (found, end) == decode(bytes(data), vector, []), (seed, bytes(data), cuts)
        for packet in found:
            if isinstance(packet, omni_ipc.Packet):
                try:
                    again = omni_ipc.parse(omni_ipc.encode(packet)[:-1])
                except omni_ipc.IPCError:
                    continue  # Infinity, the value of a number out of range, cannot be sent.
                if packet.error is not None:
                    again.data = packet.data  # An answer with an error is written with empty data.
                assert again == packet, (seed, packet, again)


def main(path, rounds="2000", seed="1"):
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)["vectors"]
    for vector in vectors:
        check(vector)
    fuzz(vectors, int(rounds), int(seed))
    print(f"{len(vectors)} vectors, {rounds} rounds of random bytes (seed {seed})")


if __name__ == "__main__":
    main(*sys.argv[1:])
