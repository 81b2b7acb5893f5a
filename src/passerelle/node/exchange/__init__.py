"""The shell of the exchange in the node: tables, keys, worker, transports, and the seam for others.

Other parts of the node use two modules: :mod:`.acts` to release an act to a peer, and
:mod:`.delivery` to be given every act once and in order.
"""
