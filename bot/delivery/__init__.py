"""What must not be lost: messages in, replies out."""
