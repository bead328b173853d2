# alice's router grants her a port when bob has her description already: she tells him, he dials it at once
seed 48
site a: user, map=apdm, ports=random
site b: symmetric-random
alice at a: listens
bob at b: connects, after 100
at 230: router maps alice
expect
[     0.0 ms] alice          our address: 192.168.1.10:51514 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:43056 listens in room 72f1...
[   100.0 ms] bob            our address: 192.168.2.10:52829 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:43056 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:43056
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 72f122cbd64b8fecbf1b17c0b49b5d37f44a518b58680d9bc79fc17d24e312b3
[   100.0 ms] alice          our NAT takes any port for each destination (random)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.33:28392 knocks in room 72f1...
[   175.0 ms] server         198.51.100.33:28392 and 198.51.100.17:43056 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.33:28392 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:28392
[   200.0 ms] bob            our NAT takes any port for each destination (random)
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.33:28392; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          leaves out 192.168.2.10:52829 (its own address): it is private and not of a network of ours
[   200.0 ms] alice          the peer offers 198.51.100.33:28392 (as its server sees it)
[   200.0 ms] alice          one NAT is random: many ports of the one side, many dials of the other
[   200.0 ms] alice          dials 198.51.100.33:28392
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:43056; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:43056 (as its server sees it)
[   200.0 ms] bob            leaves out 192.168.1.10:51514 (its own address): it is private and not of a network of ours
[   200.0 ms] bob            the peer's NAT takes any port for each destination (random)
[   200.0 ms] bob            one NAT is random, the other's ports change as well: no direct way is known
[   200.0 ms] bob            dials 198.51.100.17:43056
[   225.0 ms] b's NAT        drops the SYN from 198.51.100.17:33403 to 198.51.100.33:28392: nobody here has called there
[   225.0 ms] a's NAT        drops the SYN from 198.51.100.33:37994 to 198.51.100.17:43056: nobody here has called there
[   230.0 ms] a's NAT        grants 198.51.100.17:51514, to be called by everybody
[   230.0 ms] alice          the router maps our port to 198.51.100.17:51514 by PCP for 120 s
[   230.0 ms] alice          our address: 198.51.100.17:51514 (mapped)
[   255.0 ms] server         198.51.100.17:43056 listens in room 72f1...
[   280.0 ms] bob            the peer offers 198.51.100.17:51514 (mapped by its router)
[   280.0 ms] bob            dials 198.51.100.17:51514
[   280.0 ms] alice          the server sees us as 198.51.100.17:43056
[   330.0 ms] bob            connected to 198.51.100.17:51514
[   355.0 ms] alice          198.51.100.33:19818 comes in
[   355.0 ms] alice          198.51.100.33:19818 proves that it holds the secret
[   380.0 ms] bob            198.51.100.17:51514 proves that it holds the secret
[   380.0 ms] bob            chooses the link to 198.51.100.17:51514
[   380.0 ms] bob            connected from 192.168.2.10:52829 to 198.51.100.17:51514, mapped: TCP after 130.0 ms, authenticated and nominated after 180.0 ms
[   405.0 ms] alice          the peer chooses the link to 198.51.100.33:19818
[   405.0 ms] alice          connected from 192.168.1.10:51514 to 198.51.100.33:19818, mapped: TCP after 155.0 ms, authenticated and nominated after 205.0 ms
