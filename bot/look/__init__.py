"""How everything looks on Discord: cards, messages that grow, and text made safe for them."""
