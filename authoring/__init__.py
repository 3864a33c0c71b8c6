"""What process owners work on before it is published: imported diagrams and drafts."""
