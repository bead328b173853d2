# SPDX-License-Identifier: MIT
"""Routers that are not honest, and not quick: they speak PCP, NAT-PMP and UPnP on the LAN side of
a lab's router, and map nothing. Written from the RFCs, not from our code."""
import contextlib
import re
import select
import socket
import struct
import threading

PCP_PORT, SSDP_PORT, HTTP_PORT = 5351, 1900, 5000
ALL_HOSTS = ("224.0.0.1", 5350)


def mapped6(address):
    return bytes(10) + b"\xff\xff" + socket.inet_aton(address)


def pcp(request, address, port, lifetime=120, result=0, epoch=1000, nonce=None, protocol=None):
    """The MAP response to this request."""
    return (struct.pack("!BBBBII12x", 2, 0x81, 0, result, lifetime, epoch)
            + (nonce or request[24:36]) + bytes([protocol or request[36]]) + request[37:42]
            + struct.pack("!H", port) + mapped6(address))


def inner_port(request):
    return struct.unpack_from("!H", request, 40)[0]


class Router:
    """Answers each datagram to the PCP port with what `says(request)` gives: a list of datagrams,
    or of (source port, datagram)."""

    def __init__(self, net, site, says):
        self._net, self._where, self._says = net, site + "-router", says
        self.address = net.address(self._where)
        self.requests = []
        self._stop = threading.Event()

    def __enter__(self):
        self._socket = self._open(PCP_PORT)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self._socket.close()

    def announce(self, datagram, times=1):
        """To everybody on the LAN."""
        option = socket.inet_aton(self.address)
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, option)
        for _ in range(times):
            self._socket.sendto(datagram, ALL_HOSTS)

    def maps(self):
        """The PCP MAP requests so far, as their lifetimes."""
        return [struct.unpack_from("!I", request, 4)[0] for request in list(self.requests)
                if request[:2] == b"\x02\x01"]

    def _open(self, port):
        one = self._net.socket(self._where, type=socket.SOCK_DGRAM)
        one.bind((self.address, port))
        return one

    def _run(self):
        others = {}
        while not self._stop.is_set():
            if not select.select([self._socket], [], [], 0.05)[0]:
                continue
            request, origin = self._socket.recvfrom(2048)
            self.requests.append(request)
            for said in self._says(request):
                port, datagram = said if isinstance(said, tuple) else (PCP_PORT, said)
                if port not in others:
                    others[port] = self._socket if port == PCP_PORT else self._open(port)
                others[port].sendto(datagram, origin)
        for one in others.values():
            one.close()


ROOT = """<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0">
<specVersion><major>1</major><minor>0</minor></specVersion><device>
<deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType><deviceList><device>
<deviceType>urn:schemas-upnp-org:device:WANDevice:1</deviceType><deviceList><device>
<deviceType>urn:schemas-upnp-org:device:WANConnectionDevice:1</deviceType><serviceList><service>
<serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType>
<serviceId>urn:upnp-org:serviceId:WANIPConn1</serviceId><controlURL>CONTROL</controlURL>
<eventSubURL>/e</eventSubURL><SCPDURL>/s.xml</SCPDURL></service></serviceList></device></deviceList>
</device></deviceList></device></root>"""
SOAP = ('<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">'
        "<s:Body>%s</s:Body></s:Envelope>")
FAULT = ("<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail>"
         '<UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>%d</errorCode>'
         "<errorDescription>no</errorDescription></UPnPError></detail></s:Fault>")


class UpnpRouter:
    """A UPnP router. hangs: it accepts calls and never answers. error: of AddPortMapping, 0: grants
    what it is asked for. control: where its description says that mappings are made."""

    def __init__(self, net, site, hangs=False, error=0, outside="198.51.100.17", control="/c",
                 location=None):
        self._net, self._where = net, site + "-router"
        self.address = net.address(self._where)
        self._hangs, self._error, self._outside = hangs, error, outside
        self._control = control
        self._location = location or "http://%s:%d/root.xml" % (self.address, HTTP_PORT)
        self.actions = []  # names of what was asked for, in turn
        self.leases = []
        self._stop = threading.Event()
        self._held = []

    def __enter__(self):
        self._search = self._net.socket(self._where, type=socket.SOCK_DGRAM)
        self._search.bind(("", SSDP_PORT))
        group = socket.inet_aton("239.255.255.250") + socket.inet_aton(self.address)
        self._search.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        self._http = self._net.socket(self._where)
        self._http.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._http.bind((self.address, HTTP_PORT))
        self._http.listen(16)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        for one in [self._search, self._http, *self._held]:
            one.close()

    def _run(self):
        while not self._stop.is_set():
            for one in select.select([self._search, self._http], [], [], 0.05)[0]:
                if one is self._search:
                    self._answer_search()
                else:
                    self._answer_call(self._http.accept()[0])

    def _answer_search(self):
        text, origin = self._search.recvfrom(2048)
        if not text.startswith(b"M-SEARCH"):
            return
        self.actions.append("search")
        with self._net.socket(self._where, type=socket.SOCK_DGRAM) as one:
            one.bind((self.address, 0))
            one.sendto(("HTTP/1.1 200 OK\r\nST: urn:schemas-upnp-org:device:"
                        "InternetGatewayDevice:1\r\nLOCATION: %s\r\n\r\n"
                        % self._location).encode(), origin)

    def _answer_call(self, one):
        if self._hangs:
            self.actions.append("call")
            self._held.append(one)
            return
        with one, contextlib.suppress(OSError):
            one.settimeout(5)
            status, body = self._body(_read_request(one))
            one.sendall(("HTTP/1.1 %s\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n"
                         "Connection: close\r\n\r\n%s" % (status, len(body), body)).encode())

    def _body(self, request):
        found = re.search(r"SOAPAction:[^#]*#(\w+)", request, re.I)
        if not found:
            self.actions.append("description")
            return "200 OK", ROOT.replace("CONTROL", self._control)
        action, inside = found.group(1), ""
        self.actions.append(action)
        if action == "GetExternalIPAddress":
            inside = "<NewExternalIPAddress>%s</NewExternalIPAddress>" % self._outside
        if action == "AddPortMapping":
            self.leases += re.findall(r"<NewLeaseDuration>(\d+)", request)
            if self._error:
                return "500 Internal Server Error", SOAP % (FAULT % self._error)
        return "200 OK", SOAP % ('<u:%sResponse xmlns:u="urn:schemas-upnp-org:service:'
                                 'WANIPConnection:1">%s</u:%sResponse>' % (action, inside, action))


def _read_request(one):
    text = b""
    while b"\r\n\r\n" not in text:
        more = one.recv(4096)
        if not more:
            break
        text += more
    head, _, body = text.partition(b"\r\n\r\n")
    size = re.search(rb"content-length:\s*(\d+)", head, re.I)
    while size and len(body) < int(size.group(1)):
        more = one.recv(4096)
        if not more:
            break
        body += more
    return (head + b"\r\n\r\n" + body).decode(errors="replace")
