"""SFTP as a client, over paramiko: our accounts on partners' servers."""
