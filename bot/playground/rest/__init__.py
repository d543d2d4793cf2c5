"""The REST side: each request is read, authorised, limited, recorded, and answered by a route."""
