"""Forms: form-js JSON compiled to a marshmallow schema (the truth) and to what the HTML page needs."""
