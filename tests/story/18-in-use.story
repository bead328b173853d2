# bob's SYN has knocked at alice's listening socket before she dials: the pair of addresses is taken, and that is good news
seed 18
site a: public
site b: preserving-drop
path server>a: delay 120
path a>server: delay 5
path b-server: delay 5
path a-b: delay 40
alice at a: listens
bob at b: connects, after 100
expect
[     0.0 ms] alice          our address: 198.51.100.18:38772 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[   100.0 ms] bob            our address: 192.168.2.10:42712 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   110.0 ms] bob            the server 203.0.113.1:3478 answers, 10 ms there and back
[   110.0 ms] bob            knocks
[   115.0 ms] server         198.51.100.33:42712 knocks in room b3a3... and waits
[   120.0 ms] bob            our address: 198.51.100.33:42712 (srflx)
[   120.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:42712
[   120.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[   125.0 ms] alice          the server 203.0.113.1:3478 answers, 125 ms there and back
[   130.0 ms] server         198.51.100.18:38772 listens in room b3a3...
[   130.0 ms] server         198.51.100.33:42712 and 198.51.100.18:38772 start, after 57.5 and 0.0 ms
[   135.0 ms] bob            the peer's description is here: attempt 1 starts
[   135.0 ms] bob            the server starts both: the peer is 198.51.100.18:38772; begins in 57 ms, 135 ms to the peer and back through the server
[   135.0 ms] bob            the peer offers 198.51.100.18:38772 (its own address)
[   192.5 ms] bob            dials 198.51.100.18:38772
[   250.0 ms] alice          no NAT changes our address
[   250.0 ms] alice          the server sees us as 198.51.100.18:38772
[   250.0 ms] alice          registered with the server at 203.0.113.1:3478, in room b3a38089a30a38a344ca5f59fc09a60fd5944520db665adca643d0bc345d9650
[   250.0 ms] alice          the peer's description is here: attempt 1 starts
[   250.0 ms] alice          the server starts both: the peer is 198.51.100.33:42712; begins at once, 135 ms to the peer and back through the server
[   250.0 ms] alice          leaves out 192.168.2.10:42712 (its own address): it is private and not of a network of ours
[   250.0 ms] alice          the peer offers 198.51.100.33:42712 (as its server sees it)
[   250.0 ms] alice          dials 198.51.100.33:42712
[   250.0 ms] alice          198.51.100.33:42712: the pair of addresses is in use, most likely it has just come in
[   272.5 ms] bob            connected to 198.51.100.18:38772
[   296.9 ms] alice          dials 198.51.100.33:42712 (2nd time)
[   296.9 ms] alice          198.51.100.33:42712: the pair of addresses is in use, most likely it has just come in (2nd time)
[   312.5 ms] alice          198.51.100.33:42712 comes in
[   312.5 ms] alice          198.51.100.33:42712 proves that it holds the secret
[   352.5 ms] bob            198.51.100.18:38772 proves that it holds the secret
[   352.5 ms] bob            chooses the link to 198.51.100.18:38772
[   352.5 ms] bob            connected from 192.168.2.10:42712 to 198.51.100.18:38772, direct: TCP after 137.5 ms, authenticated and nominated after 217.5 ms
[   392.5 ms] alice          the peer chooses the link to 198.51.100.33:42712
[   392.5 ms] alice          connected from 198.51.100.18:38772 to 198.51.100.33:42712, direct: TCP after 62.5 ms, authenticated and nominated after 142.5 ms
