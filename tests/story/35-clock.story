# alice's clock is ten minutes fast, bob's four minutes slow: the server tells its own, and they sign again
seed 35
site a: public
site b: eim-drop
alice at a: listens, clock 600000
bob at b: connects, after 200, clock -240000
expect
[     0.0 ms] alice          our address: 198.51.100.18:36484 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.18:36484 is refused: 438
[   100.0 ms] alice          the server's clock is 600.0 s behind ours, signs again by its time
[   100.0 ms] alice          no NAT changes our address
[   125.0 ms] server         198.51.100.18:36484 listens in room 6d88...
[   150.0 ms] alice          the server sees us as 198.51.100.18:36484
[   150.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 6d880345ee2f80e4634e46e05a7338ecc913497eeb8c4621d6ccc19edf123980
[   200.0 ms] bob            our address: 192.168.2.10:54821 (host)
[   200.0 ms] bob            calls the server 203.0.113.1:3478
[   250.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   250.0 ms] bob            knocks
[   275.0 ms] server         198.51.100.33:9765 is refused: 438
[   300.0 ms] bob            the server's clock is 240.0 s ahead of ours, signs again by its time
[   300.0 ms] bob            knocks
[   325.0 ms] server         198.51.100.33:9765 knocks in room 6d88...
[   325.0 ms] server         198.51.100.33:9765 and 198.51.100.18:36484 start, after 0.0 and 0.0 ms
[   350.0 ms] bob            our address: 198.51.100.33:9765 (srflx)
[   350.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   350.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:9765
[   350.0 ms] alice          the peer's description is here: attempt 1 starts
[   350.0 ms] alice          the server starts both: the peer is 198.51.100.33:9765; begins at once, 100 ms to the peer and back through the server
[   350.0 ms] alice          leaves out 192.168.2.10:54821 (its own address): it is private and not of a network of ours
[   350.0 ms] alice          the peer offers 198.51.100.33:9765 (as its server sees it)
[   350.0 ms] alice          dials 198.51.100.33:9765
[   350.0 ms] bob            the peer's description is here: attempt 1 starts
[   350.0 ms] bob            the server starts both: the peer is 198.51.100.18:36484; begins at once, 100 ms to the peer and back through the server
[   350.0 ms] bob            the peer offers 198.51.100.18:36484 (its own address)
[   350.0 ms] bob            no NAT changes the peer's address
[   350.0 ms] bob            dials 198.51.100.18:36484
[   400.0 ms] alice          connected to 198.51.100.33:9765
[   400.0 ms] bob            connected to 198.51.100.18:36484
[   425.0 ms] bob            198.51.100.18:36484 proves that it holds the secret
[   425.0 ms] bob            chooses the link to 198.51.100.18:36484
[   425.0 ms] alice          198.51.100.33:9765 proves that it holds the secret
[   450.0 ms] alice          the peer chooses the link to 198.51.100.33:9765
[   450.0 ms] alice          connected from 198.51.100.18:36484 to 198.51.100.33:9765, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[   450.0 ms] bob            connected from 192.168.2.10:54821 to 198.51.100.18:36484, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
