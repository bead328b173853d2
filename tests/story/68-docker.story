# A network more on alice's machine, and no change of her way out: she registers on the connection that there is
seed 77
site a: public
site b: public
alice at a: listens
bob at b: connects, after 2500
at 1000: docker starts on alice
expect
[     0.0 ms] alice          our address: 198.51.100.18:57282 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.18:57282 listens in room 4daa...
[   100.0 ms] alice          no NAT changes our address
[   100.0 ms] alice          the server sees us as 198.51.100.18:57282
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 4daa129958d84b4f107f4d6de56a8a0e580bcecf520932aab0b5f926fb2ea912
[  1000.0 ms] alice          has docker from now on
[  1250.0 ms] alice          this machine's addresses have changed
[  1250.0 ms] alice          our address: 172.17.0.1:57282 (host)
[  1250.0 ms] alice          asks the server 203.0.113.1:3478 whether it still hears us
[  1275.0 ms] server         198.51.100.18:57282 listens in room 4daa...
[  1300.0 ms] alice          the server sees us as 198.51.100.18:57282
[  2500.0 ms] bob            our address: 198.51.100.34:60086 (host)
[  2500.0 ms] bob            calls the server 203.0.113.1:3478
[  2550.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[  2550.0 ms] bob            knocks
[  2575.0 ms] server         198.51.100.34:60086 knocks in room 4daa...
[  2575.0 ms] server         198.51.100.34:60086 and 198.51.100.18:57282 start, after 0.0 and 0.0 ms
[  2600.0 ms] bob            no NAT changes our address
[  2600.0 ms] bob            the server heard the knock; it sees us as 198.51.100.34:60086
[  2600.0 ms] alice          the peer's description is here: attempt 1 starts
[  2600.0 ms] alice          the server starts both: the peer is 198.51.100.34:60086; begins at once, 100 ms to the peer and back through the server
[  2600.0 ms] alice          the peer offers 198.51.100.34:60086 (its own address)
[  2600.0 ms] alice          dials 198.51.100.34:60086
[  2600.0 ms] bob            the peer's description is here: attempt 1 starts
[  2600.0 ms] bob            the server starts both: the peer is 198.51.100.18:57282; begins at once, 100 ms to the peer and back through the server
[  2600.0 ms] bob            the peer offers 198.51.100.18:57282 (its own address)
[  2600.0 ms] bob            leaves out 172.17.0.1:57282 (its own address): it is private and not of a network of ours
[  2600.0 ms] bob            no NAT changes the peer's address
[  2600.0 ms] bob            dials 198.51.100.18:57282
[  2650.0 ms] alice          connected to 198.51.100.34:60086
[  2650.0 ms] bob            connected to 198.51.100.18:57282
[  2675.0 ms] bob            198.51.100.18:57282 proves that it holds the secret
[  2675.0 ms] bob            chooses the link to 198.51.100.18:57282
[  2675.0 ms] alice          198.51.100.34:60086 proves that it holds the secret
[  2700.0 ms] alice          the peer chooses the link to 198.51.100.34:60086
[  2700.0 ms] alice          connected from 198.51.100.18:57282 to 198.51.100.34:60086, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[  2700.0 ms] bob            connected from 198.51.100.34:60086 to 198.51.100.18:57282, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
