# alice's first SYN to the server is lost; IPv6 answers and is held back until the SYN is repeated: bob has no IPv6
seed 40
site a: eim-drop, v6=open
site b: eim-drop
path a-server: delay 10
path b-server: delay 15
alice at a: listens, after 1
bob at b: connects, after 2000
at 0: lose a>server 1
expect
[     1.0 ms] alice          our address: 192.168.1.10:52862 (host)
[     1.0 ms] alice          our address: [2001:db8:1:1::10]:52862 (host)
[     1.0 ms] alice          calls the server 203.0.113.1:3478
[     1.0 ms] a-server       loses the SYN from 198.51.100.17:15998 to 203.0.113.1:3478
[   251.0 ms] alice          calls the server [2001:db8:5e::1]:3478
[   271.0 ms] alice          the server [2001:db8:5e::1]:3478 answers, 20 ms there and back
[   271.0 ms] alice          waits for the server by IPv4, which alone shows our address there, at most 950 ms
[  1021.0 ms] alice          the server 203.0.113.1:3478 answers, 20 ms there and back
[  1031.0 ms] server         198.51.100.17:15998 listens in room ef13...
[  1041.0 ms] alice          our address: 198.51.100.17:15998 (srflx)
[  1041.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[  1041.0 ms] alice          the server sees us as 198.51.100.17:15998
[  1041.0 ms] alice          registered with the server at 203.0.113.1:3478, in room ef1326c5e5748a8870d2f54930d670386d20cf7d17e16538416e70c38c1188f2
[  2000.0 ms] bob            our address: 192.168.2.10:47601 (host)
[  2000.0 ms] bob            calls the server 203.0.113.1:3478
[  2030.0 ms] bob            the server 203.0.113.1:3478 answers, 30 ms there and back
[  2030.0 ms] bob            knocks
[  2045.0 ms] server         198.51.100.33:18929 knocks in room ef13...
[  2045.0 ms] server         198.51.100.33:18929 and 198.51.100.17:15998 start, after 0.0 and 5.0 ms
[  2055.0 ms] alice          the peer's description is here: attempt 1 starts
[  2055.0 ms] alice          the server starts both: the peer is 198.51.100.33:18929; begins in 5.0 ms, 50 ms to the peer and back through the server
[  2055.0 ms] alice          leaves out 192.168.2.10:47601 (its own address): it is private and not of a network of ours
[  2055.0 ms] alice          the peer offers 198.51.100.33:18929 (as its server sees it)
[  2060.0 ms] alice          dials 198.51.100.33:18929
[  2060.0 ms] bob            our address: 198.51.100.33:18929 (srflx)
[  2060.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:18929
[  2060.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[  2060.0 ms] bob            the peer's description is here: attempt 1 starts
[  2060.0 ms] bob            the server starts both: the peer is 198.51.100.17:15998; begins at once, 50 ms to the peer and back through the server
[  2060.0 ms] bob            the peer offers [2001:db8:1:1::10]:52862 (its own address)
[  2060.0 ms] bob            the peer offers 198.51.100.17:15998 (as its server sees it)
[  2060.0 ms] bob            leaves out 192.168.1.10:52862 (its own address): it is private and not of a network of ours
[  2060.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[  2060.0 ms] bob            dials [2001:db8:1:1::10]:52862
[  2060.0 ms] bob            dials 198.51.100.17:15998
[  2060.0 ms] bob            [2001:db8:1:1::10]:52862 does not let us in: this machine has no route there
[  2110.0 ms] alice          connected to 198.51.100.33:18929
[  2110.0 ms] bob            connected to 198.51.100.17:15998
[  2135.0 ms] bob            198.51.100.17:15998 proves that it holds the secret
[  2135.0 ms] bob            chooses the link to 198.51.100.17:15998
[  2135.0 ms] alice          198.51.100.33:18929 proves that it holds the secret
[  2160.0 ms] alice          the peer chooses the link to 198.51.100.33:18929
[  2160.0 ms] alice          connected from 192.168.1.10:52862 to 198.51.100.33:18929, punched: TCP after 55.0 ms, authenticated and nominated after 105.0 ms
[  2160.0 ms] bob            connected from 192.168.2.10:47601 to 198.51.100.17:15998, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
