# alice's machine comes into another network: she registers again from there, and bob meets her at her new address
seed 72
site a: preserving-drop
site b: public
site c: eim-drop
alice at a: listens
bob at b: connects, after 2500
at 1000: alice moves to c
expect
[     0.0 ms] alice          our address: 192.168.1.10:38790 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:38790 listens in room f463...
[   100.0 ms] alice          our address: 198.51.100.17:38790 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:38790
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room f4633b13b8aa6dde5f866d457321f67189fe9caf8f8e1a77659794551e421961
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[  1000.0 ms] alice          moves to c
[  1250.0 ms] alice          the default route of IPv4 has changed
[  1250.0 ms] alice          our address 192.168.1.10:38790 is gone
[  1250.0 ms] alice          our address: 192.168.3.10:38790 (host)
[  1250.0 ms] alice          the server 203.0.113.1:3478 is lost (this machine's network has changed), calls it again in 200 ms
[  1451.8 ms] alice          calls the server 203.0.113.1:3478
[  1501.8 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[  1526.8 ms] server         198.51.100.49:26502 listens in room f463...
[  1551.8 ms] alice          our address: 198.51.100.49:26502 (srflx)
[  1551.8 ms] alice          the server sees us as 198.51.100.49:26502
[  1551.8 ms] alice          registered with the server at 203.0.113.1:3478, in room f4633b13b8aa6dde5f866d457321f67189fe9caf8f8e1a77659794551e421961
[  1551.8 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[  2500.0 ms] bob            our address: 198.51.100.34:36673 (host)
[  2500.0 ms] bob            calls the server 203.0.113.1:3478
[  2550.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[  2550.0 ms] bob            knocks
[  2575.0 ms] server         198.51.100.34:36673 knocks in room f463...
[  2575.0 ms] server         198.51.100.34:36673 and 198.51.100.49:26502 start, after 0.0 and 0.0 ms
[  2600.0 ms] bob            no NAT changes our address
[  2600.0 ms] bob            the server heard the knock; it sees us as 198.51.100.34:36673
[  2600.0 ms] alice          the peer's description is here: attempt 1 starts
[  2600.0 ms] alice          the server starts both: the peer is 198.51.100.34:36673; begins at once, 100 ms to the peer and back through the server
[  2600.0 ms] alice          the peer offers 198.51.100.34:36673 (its own address)
[  2600.0 ms] alice          dials 198.51.100.34:36673
[  2600.0 ms] bob            the peer's description is here: attempt 1 starts
[  2600.0 ms] bob            the server starts both: the peer is 198.51.100.49:26502; begins at once, 100 ms to the peer and back through the server
[  2600.0 ms] bob            the peer offers 198.51.100.49:26502 (as its server sees it)
[  2600.0 ms] bob            leaves out 192.168.3.10:38790 (its own address): it is private and not of a network of ours
[  2600.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[  2600.0 ms] bob            dials 198.51.100.49:26502
[  2650.0 ms] alice          connected to 198.51.100.34:36673
[  2650.0 ms] bob            connected to 198.51.100.49:26502
[  2675.0 ms] bob            198.51.100.49:26502 proves that it holds the secret
[  2675.0 ms] bob            chooses the link to 198.51.100.49:26502
[  2675.0 ms] alice          198.51.100.34:36673 proves that it holds the secret
[  2700.0 ms] alice          the peer chooses the link to 198.51.100.34:36673
[  2700.0 ms] alice          connected from 192.168.3.10:38790 to 198.51.100.34:36673, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[  2700.0 ms] bob            connected from 198.51.100.34:36673 to 198.51.100.49:26502, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
