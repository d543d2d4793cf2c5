"""The use case without Discord: who may ask, what the model gets, what is recorded, how it stops."""
