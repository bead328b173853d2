# bob's router answers when his knock is out, but not START: what his description lacks he tells
seed 49
site a: symmetric-random
site b: user, map=apdm, ports=random
alice at a: listens
bob at b: connects, after 100
at 160: router maps bob
expect
[     0.0 ms] alice          our address: 192.168.1.10:34646 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:61960 listens in room e14d...
[   100.0 ms] bob            our address: 192.168.2.10:39894 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:61960 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:61960
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room e14d96f5aa8746b8ddb7f4eec92106ca0f3fce2df5fe5439d806164f119b35ad
[   100.0 ms] alice          our NAT takes any port for each destination (random)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   160.0 ms] b's NAT        grants 198.51.100.33:39894, to be called by everybody
[   160.0 ms] bob            the router maps our port to 198.51.100.33:39894 by PCP for 120 s
[   160.0 ms] bob            our address: 198.51.100.33:39894 (mapped)
[   175.0 ms] server         198.51.100.33:48401 knocks in room e14d...
[   175.0 ms] server         198.51.100.33:48401 and 198.51.100.17:61960 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.33:48401 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:48401
[   200.0 ms] bob            our NAT takes any port for each destination (random)
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.33:48401; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          leaves out 192.168.2.10:39894 (its own address): it is private and not of a network of ours
[   200.0 ms] alice          the peer offers 198.51.100.33:48401 (as its server sees it)
[   200.0 ms] alice          one NAT is random: many ports of the one side, many dials of the other
[   200.0 ms] alice          dials 198.51.100.33:48401
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:61960; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:61960 (as its server sees it)
[   200.0 ms] bob            leaves out 192.168.1.10:34646 (its own address): it is private and not of a network of ours
[   200.0 ms] bob            the peer's NAT takes any port for each destination (random)
[   200.0 ms] bob            one NAT is random, the other's ports change as well: no direct way is known
[   200.0 ms] bob            dials 198.51.100.17:61960
[   225.0 ms] b's NAT        drops the SYN from 198.51.100.17:19881 to 198.51.100.33:48401: nobody here has called there
[   225.0 ms] a's NAT        drops the SYN from 198.51.100.33:45195 to 198.51.100.17:61960: nobody here has called there
[   250.0 ms] alice          the peer offers 198.51.100.33:39894 (mapped by its router)
[   250.0 ms] alice          dials 198.51.100.33:39894
[   300.0 ms] alice          connected to 198.51.100.33:39894
[   325.0 ms] bob            198.51.100.17:14626 comes in
[   325.0 ms] bob            198.51.100.17:14626 proves that it holds the secret
[   325.0 ms] bob            chooses the link to 198.51.100.17:14626
[   350.0 ms] alice          198.51.100.33:39894 proves that it holds the secret
[   350.0 ms] alice          the peer chooses the link to 198.51.100.33:39894
[   350.0 ms] alice          connected from 192.168.1.10:34646 to 198.51.100.33:39894, mapped: TCP after 100.0 ms, authenticated and nominated after 150.0 ms
[   375.0 ms] bob            connected from 192.168.2.10:39894 to 198.51.100.17:14626, mapped: TCP after 125.0 ms, authenticated and nominated after 175.0 ms
