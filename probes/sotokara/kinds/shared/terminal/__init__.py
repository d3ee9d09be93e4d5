"""What a reader of old terminal output needs: pasted text, remarks, a cursor."""
