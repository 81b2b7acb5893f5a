"""Other people's formats as projections of acts. Pure: bytes or values in, values out."""
