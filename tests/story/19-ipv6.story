# the IPv6 firewalls, one of which refuses, let in what answers a call from within
# by IPv4 there is no way: both NATs take a random port for each call
seed 19
site a: symmetric-random, v6=firewall
site b: symmetric-random, v6=refuse
path server>b: delay 60
path b>server: delay 5
alice at a: listens
bob at b: connects, after 100
expect
[     0.0 ms] alice          our address: 192.168.1.10:35655 (host)
[     0.0 ms] alice          our address: [2001:db8:1:1::10]:35655 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:43144 listens in room 4118...
[   100.0 ms] bob            our address: 192.168.2.10:53435 (host)
[   100.0 ms] bob            our address: [2001:db8:2:1::10]:53435 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:43144 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:43144
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 4118f6c0a7a135f862627e17142a9b6e70add335c9ec226748179523ca80bdb7
[   100.0 ms] alice          our NAT takes any port for each destination (random)
[   165.0 ms] bob            the server 203.0.113.1:3478 answers, 65 ms there and back
[   165.0 ms] bob            knocks
[   170.0 ms] server         198.51.100.33:22813 knocks in room 4118...
[   170.0 ms] server         198.51.100.33:22813 and 198.51.100.17:43144 start, after 0.0 and 7.5 ms
[   195.0 ms] alice          the peer's description is here: attempt 1 starts
[   195.0 ms] alice          the server starts both: the peer is 198.51.100.33:22813; begins in 7.5 ms, 115 ms to the peer and back through the server
[   195.0 ms] alice          the peer offers [2001:db8:2:1::10]:53435 (its own address)
[   195.0 ms] alice          leaves out 192.168.2.10:53435 (its own address): it is private and not of a network of ours
[   195.0 ms] alice          the peer offers 198.51.100.33:22813 (as its server sees it)
[   195.0 ms] alice          one NAT is random: many ports of the one side, many dials of the other
[   202.5 ms] alice          dials [2001:db8:2:1::10]:53435
[   202.5 ms] alice          dials 198.51.100.33:22813
[   227.5 ms] b's firewall   refuses the SYN from [2001:db8:1:1::10]:35655 to [2001:db8:2:1::10]:53435: nobody here has called there
[   227.5 ms] b's NAT        drops the SYN from 198.51.100.17:42260 to 198.51.100.33:22813: nobody here has called there
[   230.0 ms] bob            our address: 198.51.100.33:22813 (srflx)
[   230.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:22813
[   230.0 ms] bob            our NAT takes any port for each destination (random)
[   230.0 ms] bob            the peer's description is here: attempt 1 starts
[   230.0 ms] bob            the server starts both: the peer is 198.51.100.17:43144; begins at once, 115 ms to the peer and back through the server
[   230.0 ms] bob            the peer offers [2001:db8:1:1::10]:35655 (its own address)
[   230.0 ms] bob            the peer offers 198.51.100.17:43144 (as its server sees it)
[   230.0 ms] bob            leaves out 192.168.1.10:35655 (its own address): it is private and not of a network of ours
[   230.0 ms] bob            the peer's NAT takes any port for each destination (random)
[   230.0 ms] bob            one NAT is random, the other's ports change as well: no direct way is known
[   230.0 ms] bob            dials [2001:db8:1:1::10]:35655
[   230.0 ms] bob            dials 198.51.100.17:43144
[   252.5 ms] alice          [2001:db8:2:1::10]:53435 does not let us in: refused
[   253.2 ms] alice          dials [2001:db8:2:1::10]:53435 (2nd time)
[   255.0 ms] a's NAT        drops the SYN from 198.51.100.33:16204 to 198.51.100.17:43144: nobody here has called there
[   280.0 ms] bob            connected to [2001:db8:1:1::10]:35655
[   303.2 ms] alice          connected to [2001:db8:2:1::10]:53435
[   305.0 ms] alice          [2001:db8:2:1::10]:53435 proves that it holds the secret
[   328.2 ms] bob            [2001:db8:1:1::10]:35655 proves that it holds the secret
[   328.2 ms] bob            chooses the link to [2001:db8:1:1::10]:35655
[   330.0 ms] bob            connected from [2001:db8:2:1::10]:53435 to [2001:db8:1:1::10]:35655, ipv6: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[   353.2 ms] alice          the peer chooses the link to [2001:db8:2:1::10]:53435
[   353.2 ms] alice          connected from [2001:db8:1:1::10]:35655 to [2001:db8:2:1::10]:53435, ipv6: TCP after 108.2 ms, authenticated and nominated after 158.2 ms
