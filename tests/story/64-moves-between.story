# bob comes home in the middle of his attempt: a private address of alice's makes sense from there
seed 73
site a: symmetric-random
site b: symmetric-random
alice at a: listens, quiet
bob at b: connects, after 300
at 1500: bob moves to a
expect
[    75.0 ms] server         198.51.100.17:23976 listens in room 76e0...
[   300.0 ms] bob            our address: 192.168.2.10:35682 (host)
[   300.0 ms] bob            calls the server 203.0.113.1:3478
[   350.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   350.0 ms] bob            knocks
[   375.0 ms] server         198.51.100.33:42211 knocks in room 76e0...
[   375.0 ms] server         198.51.100.33:42211 and 198.51.100.17:23976 start, after 0.0 and 0.0 ms
[   400.0 ms] bob            our address: 198.51.100.33:42211 (srflx)
[   400.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:42211
[   400.0 ms] bob            our NAT takes any port for each destination (random)
[   400.0 ms] bob            the peer's description is here: attempt 1 starts
[   400.0 ms] bob            the server starts both: the peer is 198.51.100.17:23976; begins at once, 100 ms to the peer and back through the server
[   400.0 ms] bob            the peer offers 198.51.100.17:23976 (as its server sees it)
[   400.0 ms] bob            leaves out 192.168.1.10:49190 (its own address): it is private and not of a network of ours
[   400.0 ms] bob            the peer's NAT takes any port for each destination (random)
[   400.0 ms] bob            one NAT is random, the other's ports change as well: no direct way is known
[   400.0 ms] bob            dials 198.51.100.17:23976
[   425.0 ms] b's NAT        drops the SYN from 198.51.100.17:25678 to 198.51.100.33:42211: nobody here has called there
[   425.0 ms] a's NAT        drops the SYN from 198.51.100.33:19921 to 198.51.100.17:23976: nobody here has called there
[   750.0 ms] bob            the peer tells how its NAT behaves
[  1425.0 ms] b's NAT        drops the SYN from 198.51.100.17:25678 to 198.51.100.33:42211: nobody here has called there
[  1425.0 ms] a's NAT        drops the SYN from 198.51.100.33:19921 to 198.51.100.17:23976: nobody here has called there
[  1500.0 ms] bob            moves to a
[  1750.0 ms] bob            the default route of IPv4 has changed
[  1750.0 ms] bob            our address 192.168.2.10:35682 is gone
[  1750.0 ms] bob            our address: 192.168.1.11:35682 (host)
[  1750.0 ms] bob            the peer offers 192.168.1.10:49190 (its own address)
[  1750.0 ms] bob            dials 192.168.1.10:49190
[  1750.2 ms] bob            connected to 192.168.1.10:49190
[  1750.4 ms] bob            192.168.1.10:49190 proves that it holds the secret
[  1750.4 ms] bob            chooses the link to 192.168.1.10:49190
[  1750.4 ms] bob            connected from 192.168.1.11:35682 to 192.168.1.10:49190, lan: TCP after 1350.2 ms, authenticated and nominated after 1350.4 ms
