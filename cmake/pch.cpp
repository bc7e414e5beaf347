// Host of the precompiled header.
